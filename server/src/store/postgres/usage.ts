import { GlassworksError } from "../../domain/errors.ts";
import { quotaUnits } from "../../domain/plans/operatorConfig.ts";
import type { UsageAmounts, UsageGroup, UsageKey, UsageQuery, UsageReader, UsageRow, UsageScope } from "../../domain/usage/usage.ts";
import { type Database, type Query, type Session, sql } from "../sql.ts";
import { countPastUsage } from "./countPastUsage.ts";

/** Reads the sums that the database keeps as pictures and jobs end (migrations/0013_usage.sql). */
export function createUsageReader(database: Database): UsageReader {
	return {
		countPast: () => countPastUsage(database),
		async read(query) {
			const rows = await inKnownZone(query, readRows(database, query));
			const last = rows.length > query.limit ? rows[query.limit - 1] : undefined;
			return { rows: rows.slice(0, query.limit), next: last ? keyOf(last) : null };
		},
		async total(query) {
			const { isOfSteps, ...scope } = query;
			const [row] = await inKnownZone(
				query,
				database.query<UsageAmounts>(sql`select ${amounts} from usage_counts ${within(scope, isOfSteps)}`),
			);
			if (!row) throw new Error("a sum without a row");
			return isOfSteps ? { ...row, ...ofNoStep } : row;
		},
	};
}

const keyOf = ({ day, tenant, key, model, step }: UsageKey): UsageKey => ({ day, tenant, key, model, step });
/** Neither a job nor a picture belongs to one step. */
const ofNoStep = { jobs: null, jobsFailed: null, pictures: null, picturesFailed: null };

/** What is not grouped by is '' for every row, which keeps this one statement. */
async function readRows(session: Session, query: UsageQuery): Promise<UsageRow[]> {
	const by = (group: UsageGroup) => query.groupBy.includes(group);
	const isOfSteps = by("step") || query.step !== null;
	const { day, tenant, key, model, step } = query.after ?? { day: null, tenant: null, key: null, model: null, step: null };
	const after = query.after
		? sql`where (day < ${day ?? ""} or day = ${day ?? ""} and (tenant, key, model, step) > (${tenant ?? ""}, ${key ?? ""}, ${model ?? ""}, ${step ?? ""}))`
		: sql``;
	const rows = await session.query<UsageRow>(sql`with counted as (
			select case when ${by("day")}::bool then (starts_at at time zone ${query.timeZone})::date::text else '' end as day,
				case when ${by("tenant")}::bool then tenant_id else '' end as tenant, case when ${by("key")}::bool then key_id else '' end as key,
				case when ${by("model")}::bool then model else '' end as model, case when ${by("step")}::bool then kind else '' end as step, ${amounts}
			from usage_counts ${within(query, isOfSteps)} group by 1, 2, 3, 4, 5)
		select c.*, k.name as "keyName" from counted c left join api_keys k on k.id = c.key ${after}
		order by c.day desc, c.tenant, c.key, c.model, c.step limit ${query.limit + 1}`);
	return rows.map((row) => ({
		...row,
		...(isOfSteps ? ofNoStep : {}),
		day: by("day") ? row.day : null,
		tenant: by("tenant") ? row.tenant : null,
		key: by("key") ? row.key : null,
		model: by("model") ? row.model : null,
		step: by("step") ? row.step : null,
	}));
}

const sum = (column: Query, name: Query) => sql`coalesce(sum(${column}), 0)::bigint as "${name}"`;
const units = quotaUnits
	.map((unit) => sql`${unit}::text, sum((quota->>${unit}::text)::bigint)`)
	.reduce((all, unit) => sql`${all}, ${unit}`);
const amounts = [
	sum(sql`jobs`, sql`jobs`),
	sum(sql`jobs_failed`, sql`jobsFailed`),
	sum(sql`pictures`, sql`pictures`),
	sum(sql`pictures_failed`, sql`picturesFailed`),
	sum(sql`steps`, sql`steps`),
	sum(sql`steps_failed`, sql`stepsFailed`),
	sum(sql`steps_skipped`, sql`stepsSkipped`),
	sum(sql`runtime_ms`, sql`runtimeMs`),
	sum(sql`charged_micro_usd`, sql`chargedMicroUsd`),
	sum(sql`cost_micro_usd`, sql`costMicroUsd`),
	sql`jsonb_strip_nulls(jsonb_build_object(${units})) as quota`,
].reduce((all, column) => sql`${all}, ${column}`);

function within({ tenantId, from, to, timeZone, keyId, model, step }: UsageScope, isOfSteps: boolean): Query {
	return sql`where span = ${timeZone === "UTC" ? sql`'day'` : sql`'quarter'`} and starts_at >= ${from}::date::timestamp at time zone ${timeZone} and starts_at < (${to}::date + 1)::timestamp at time zone ${timeZone}
		${tenantId === null ? sql`` : sql`and tenant_id = ${tenantId}`} ${isOfSteps ? sql`and kind <> ''` : sql``}
		and (${keyId}::text is null or key_id = ${keyId}) and (${model}::text is null or model = ${model}) and (${step}::text is null or kind = ${step})`;
}

/** What JavaScript takes for a time zone, the database may not know. */
async function inKnownZone<T>({ timeZone }: Pick<UsageQuery, "timeZone">, reading: Promise<T>): Promise<T> {
	try {
		return await reading;
	} catch (error) {
		if ((error as { code?: unknown }).code !== "22023") throw error;
		const message = "must be the name of a time zone, such as Europe/Berlin";
		throw new GlassworksError("invalid_request", `time_zone: ${message}; got ${timeZone}.`, {}, [{ path: ["time_zone"], message }]);
	}
}
