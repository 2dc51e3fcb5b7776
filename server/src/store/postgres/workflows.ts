import { GlassworksError } from "../../domain/errors.ts";
import type { Workflow } from "../../domain/workflows/workflow.ts";
import {
	maxVersions,
	maxWorkflows,
	type Reader,
	type Visibility,
	type WorkflowDraft,
	type WorkflowRecord,
	type WorkflowStore,
} from "../../domain/workflows/workflowStore.ts";
import { type Database, json, type Query, type Session, sql } from "../sql.ts";
import { usableKey } from "./principals.ts";
import type { ReadWorkflow } from "./readWorkflow.ts";

interface FoundRow {
	id: string;
	tenantId: string;
	visibility: Visibility;
	link: string | null;
	newest: number;
	version: number;
	savedAt: Date;
}

const columns = sql`w.id, w.tenant_id as "tenantId", w.visibility, w.link, w.newest, v.version, v.created_at as "savedAt"`;

const authorOf = ({ keyId, userId }: Reader) => keyId ?? userId;

/**
 * Its account's, and private only to the key or person that saved it, for as long as that key works or the person belongs to the account. A caller
 * that is neither is the machine's own.
 */
const seenBy = (who: Reader) => sql`w.archived_at is null and w.tenant_id = ${who.tenantId} and (w.visibility <> 'private'
	or ${authorOf(who)}::text is null or w.author is null or w.author = ${authorOf(who)} or not (
		exists (select 1 from api_keys k where k.id = w.author and ${usableKey})
		or exists (select 1 from members m where m.tenant_id = w.tenant_id and m.user_id = w.author)))`;

/** One more than the page has, newest first. */
function listRows(database: Database, who: Reader, { limit, before }: { limit: number; before: string | null }): Promise<FoundRow[]> {
	const after = before
		? sql`and (w.created_at, w.id) < (select c.created_at, c.id from workflows c where c.id = ${before} and c.tenant_id = ${who.tenantId})`
		: sql``;
	return database.query<FoundRow>(sql`select ${columns} from workflows w
		join workflow_versions v on v.workflow_id = w.id and v.version = w.newest where ${seenBy(who)} ${after}
		order by w.created_at desc, w.id desc limit ${limit + 1}`);
}

const isShared = sql`w.visibility = 'link' and w.archived_at is null`;

export function createWorkflowStore(database: Database, readWorkflow: ReadWorkflow, shipped: readonly Workflow[]): WorkflowStore {
	const toRecord = async (session: Session, row: FoundRow, who: Reader): Promise<WorkflowRecord> => {
		const { version, link, ...rest } = row;
		const workflow = await readWorkflow(session, row.id, version);
		if (!workflow) throw new Error(`version ${version} of ${row.id} is missing`);
		return { ...rest, link: row.tenantId === who.tenantId ? link : null, workflow };
	};
	const read = async (session: Session, who: Reader, condition: Query, version?: number) => {
		const [row] = await session.query<FoundRow>(sql`select ${columns} from workflows w
			join workflow_versions v on v.workflow_id = w.id and v.version = coalesce(${version ?? null}::int, w.newest) where ${condition}`);
		return row ? toRecord(session, row, who) : null;
	};
	const require = async (session: Session, who: Reader, id: string, version?: number) => {
		const found = await read(session, who, sql`w.id = ${id} and ${seenBy(who)}`, version);
		if (!found) throw new GlassworksError("not_found", "No workflow of that name.");
		return found;
	};
	return {
		shipped: () => newestOf(shipped),
		exactly: (id, version) => readWorkflow(database, id, version),
		async find(who, name, version) {
			const ships = shipped.filter((entry) => entry.slug === name);
			if (ships.length > 0) return newestOf(ships.filter((entry) => version === undefined || entry.version === version))[0] ?? null;
			const byLink = sql`w.link = ${name} and ${isShared}`;
			return read(database, who, sql`((w.slug = ${name} or w.id = ${name}) and ${seenBy(who)}) or (${byLink})`, version);
		},
		async again(who, id, version) {
			const [ships] = newestOf(shipped.filter((entry) => entry.slug === id && entry.version === version));
			return ships ?? read(database, who, sql`w.id = ${id} and (${seenBy(who)} or ${isShared})`, version);
		},
		async save(who, draft) {
			const { id, version, isNew } = await database.transaction((tx) => saveVersion(tx, who, draft));
			// Read once it is committed: what is read stays in memory.
			return { record: await require(database, who, id, version), isNew };
		},
		list: async (who, page) => {
			const rows = await listRows(database, who, page);
			const records = await Promise.all(rows.slice(0, page.limit).map((row) => toRecord(database, row, who)));
			return { records, next: rows.length > page.limit ? (records.at(-1)?.id ?? null) : null };
		},
		versions: (id) =>
			database.query<{ version: number; savedAt: Date }>(
				sql`select version, created_at as "savedAt" from workflow_versions where workflow_id = ${id} order by version desc limit ${maxVersions}`,
			),
		share: (who, id, visibility, link) =>
			database.transaction(async (tx) => {
				await require(tx, who, id);
				await tx.query(sql`update workflows set visibility = ${visibility},
					link = ${visibility === "link" ? sql`coalesce(link, ${link})` : sql`null`} where id = ${id}`);
				return require(tx, who, id);
			}),
		async archive(who, id) {
			const rows = await database.query(
				sql`update workflows w set archived_at = clock_timestamp() where w.id = ${id} and ${seenBy(who)} returning w.id`,
			);
			if (rows.length === 0) throw new GlassworksError("not_found", "No workflow of that name.");
		},
	};
}

function newestOf(workflows: readonly Workflow[]): WorkflowRecord[] {
	return [...Map.groupBy(workflows, (entry) => entry.slug)].map(([id, versions]) => {
		const workflow = versions.reduce((newest, entry) => (entry.version > newest.version ? entry : newest));
		return { id, tenantId: null, visibility: "everyone", link: null, newest: workflow.version, savedAt: null, workflow };
	});
}

/** Rows of one account are written one after another: its own row is locked. */
async function saveVersion(tx: Session, who: Reader, draft: WorkflowDraft): Promise<{ id: string; version: number; isNew: boolean }> {
	const { tenantId } = who;
	await tx.query(sql`select id from tenants where id = ${tenantId} for no key update`);
	const [known] = await tx.query<{ id: string; newest: number; isSeen: boolean }>(sql`select w.id, w.newest, (${seenBy(who)}) as "isSeen"
		from workflows w where w.tenant_id = ${tenantId} and w.slug = ${draft.slug} and w.archived_at is null`);
	if (known && !known.isSeen)
		throw new GlassworksError("workflow_name_taken", "Somebody else of your account has a private workflow of that name.", {}, [
			{ path: ["slug"], message: "is taken within your account" },
		]);
	if (!known) {
		const [counted] = await tx.query<{ count: number }>(
			sql`select count(*)::int as count from workflows where tenant_id = ${tenantId} and archived_at is null`,
		);
		if ((counted?.count ?? 0) >= maxWorkflows) throw limitReached(`An account has at most ${maxWorkflows} workflows.`, maxWorkflows);
		const link = draft.visibility === "link" ? draft.link : null;
		await tx.query(sql`insert into workflows (id, tenant_id, slug, visibility, link, author, newest)
			values (${draft.id}, ${tenantId}, ${draft.slug}, ${draft.visibility}, ${link}, ${authorOf(who)}, 1)`);
		await insertVersion(tx, draft.id, 1, who, draft);
		return { id: draft.id, version: 1, isNew: true };
	}
	const [newest] = await tx.query<{ digest: string }>(
		sql`select digest from workflow_versions where workflow_id = ${known.id} and version = ${known.newest}`,
	);
	if (newest?.digest === draft.digest) return { id: known.id, version: known.newest, isNew: false };
	if (known.newest >= maxVersions) throw limitReached(`A workflow has at most ${maxVersions} versions.`, maxVersions);
	await insertVersion(tx, known.id, known.newest + 1, who, draft);
	await tx.query(sql`update workflows set newest = ${known.newest + 1} where id = ${known.id}`);
	return { id: known.id, version: known.newest + 1, isNew: true };
}

async function insertVersion(tx: Session, id: string, version: number, who: Reader, { digest, content }: WorkflowDraft) {
	await tx.query(sql`insert into workflow_versions (workflow_id, version, digest, content, author)
		values (${id}, ${version}, ${digest}, ${json(content)}::json, ${authorOf(who)})`);
}

function limitReached(message: string, max: number): GlassworksError {
	return new GlassworksError("workflow_limit", `${message} Archive one that is no longer needed.`, { max });
}
