import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import type { FastifyZodOpenApiSchema } from "fastify-zod-openapi";
import type { z } from "zod";
import { tenantsUsagePage, tenantsUsageQuery, usagePage, usageQuery } from "../contract/usage.ts";
import { GlassworksError } from "../domain/errors.ts";
import type { UsageKey, UsagePage, UsageQuery, UsageReader } from "../domain/usage/usage.ts";
import { principalOf } from "./authenticate.ts";
import type { App, HttpPorts } from "./ports.ts";
import { presentCsv, presentTenantsUsage, presentUsage } from "./presentUsage.ts";
import { problems, security } from "./responses.ts";

/** Rows that are read at a time for a file. */
const rowsPerRead = 2_000;
const csvType = "text/csv; charset=utf-8";
type Asked = z.infer<typeof tenantsUsageQuery>;

const usageSchema = {
	operationId: "getUsage",
	tags: ["Account"],
	summary: "What your account used: by day, key, model and kind of step",
	description: "Counted when a picture or job ends. Charges are those of the ledger.",
	security: security.key,
	querystring: usageQuery,
	response: { 200: pageOrFile("The usage.", usagePage), ...problems("unauthenticated", "forbidden", "invalid_request") },
} satisfies FastifyZodOpenApiSchema;
const tenantsUsageSchema = {
	operationId: "getTenantsUsage",
	tags: ["Operator"],
	summary: "What accounts used, with your cost and margin",
	security: security.key,
	querystring: tenantsUsageQuery,
	response: { 200: pageOrFile("The usage.", tenantsUsagePage), ...problems("unauthenticated", "forbidden", "invalid_request") },
} satisfies FastifyZodOpenApiSchema;

export function usageRoutes(app: App, { usage }: Pick<HttpPorts, "usage">): void {
	app.get("/usage", { schema: usageSchema }, async (request, reply) => {
		const query = toQuery(request.query, principalOf(request).tenantId);
		if (wantsCsv(request.query.format, request.headers.accept)) return sendCsv(reply, usage, query, false);
		return presentUsage(query, ...(await readPage(usage, query)));
	});
	app.get("/usage/tenants", { config: { access: "operate" }, schema: tenantsUsageSchema }, async (request, reply) => {
		const query = toQuery(request.query, request.query.tenant ?? null);
		if (wantsCsv(request.query.format, request.headers.accept)) return sendCsv(reply, usage, query, true);
		return presentTenantsUsage(query, ...(await readPage(usage, query)));
	});
}

function pageOrFile<T extends z.ZodType>(description: string, schema: T) {
	const file = { schema: { type: "string" as const, description: "A heading, then one line a row." } };
	return { description, content: { "application/json": { schema }, "text/csv": file } };
}

async function readPage(usage: UsageReader, query: UsageQuery) {
	const isOfSteps = query.groupBy.includes("step") || query.step !== null;
	return Promise.all([usage.read(query), usage.total({ ...query, isOfSteps })]);
}

/** @throws {GlassworksError} invalid_request */
function toQuery(asked: Omit<Asked, "tenant">, tenantId: string | null): UsageQuery {
	const to = asked.to ?? dayIn(asked.time_zone, new Date());
	const from = asked.from ?? new Date(Date.parse(to) - 29 * 86_400_000).toISOString().slice(0, 10);
	if (from > to) throw wrong("from", `must not be after the last day, ${to}`);
	return {
		...{ tenantId, from, to, timeZone: asked.time_zone, limit: asked.limit },
		groupBy: [...new Set(asked.group_by.split(","))] as UsageQuery["groupBy"],
		keyId: asked.key === "none" ? "" : (asked.key ?? null),
		model: asked.model ?? null,
		step: asked.step ?? null,
		after: asked.before === undefined ? null : readCursor(asked.before),
	};
}

/** Today where the clock is this. */
function dayIn(timeZone: string, now: Date): string {
	const parts = new Intl.DateTimeFormat("en", { timeZone, calendar: "iso8601", year: "numeric", month: "2-digit", day: "2-digit" });
	const part = Object.fromEntries(parts.formatToParts(now).map(({ type, value }) => [type, value]));
	return `${part.year}-${part.month}-${part.day}`;
}

/** @throws {GlassworksError} invalid_request */
function readCursor(text: string): UsageKey {
	try {
		const parts: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
		if (
			Array.isArray(parts) &&
			parts.length === 5 &&
			parts.every((part) => part === null || (typeof part === "string" && !part.includes("\0")))
		) {
			const [day, tenant, key, model, step] = parts as (string | null)[];
			return { day: day ?? null, tenant: tenant ?? null, key: key ?? null, model: model ?? null, step: step ?? null };
		}
	} catch {}
	throw wrong("before", "must be `next` of an earlier page");
}

function wrong(field: string, message: string): GlassworksError {
	return new GlassworksError("invalid_request", `${field}: ${message}.`, {}, [{ path: [field], message }]);
}

function wantsCsv(format: "json" | "csv" | undefined, accept = ""): boolean {
	return format === undefined ? /\btext\/csv\b/.test(accept) : format === "csv";
}

/** Streams all rows. The first are read before anything is sent: what is wrong with the query is still told as a problem. */
async function sendCsv(reply: FastifyReply, usage: UsageReader, asked: UsageQuery, isOperator: boolean): Promise<FastifyReply> {
	const query = { ...asked, limit: rowsPerRead };
	const first = await usage.read(query);
	async function* lines(): AsyncGenerator<string, void, undefined> {
		yield presentCsv(null, isOperator);
		for (let page: UsagePage | null = first; page; page = page.next ? await usage.read({ ...query, after: page.next }) : null)
			yield page.rows.map((row) => presentCsv(row, isOperator)).join("");
	}
	const name = `usage-${query.from}-to-${query.to}.csv`;
	return reply.type(csvType).header("content-disposition", `attachment; filename="${name}"`).send(Readable.from(lines()));
}
