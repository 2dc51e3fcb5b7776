import type { FastifyZodOpenApiSchema } from "fastify-zod-openapi";
import { z } from "zod";
import { credits, earnings, moveCredit, verification } from "../contract/money.ts";
import { GlassworksError } from "../domain/errors.ts";
import { readMeans } from "./accountRoutes.ts";
import { idempotencyKey } from "./idempotency.ts";
import { resourceId } from "./jobRoutes.ts";
import type { App, HttpPorts } from "./ports.ts";
import { presentCredits, presentEarnings, presentVerification } from "./presentMoney.ts";
import { json, problems, security } from "./responses.ts";

const access = { access: "operate" as const };
const common = { tags: ["Operator"], security: security.key };
const params = z.object({ id: resourceId.describe("The tenant.") });
/** How many ledger entries are shown unless more are asked for. */
const latest = 20;

const moveCreditSchema = {
	...common,
	operationId: "moveCredit",
	summary: "Add credit to a tenant, or take it back",
	description: "With an Idempotency-Key it is done once, however often it is sent.",
	params,
	body: moveCredit,
	response: {
		200: json("What the tenant has now.", credits),
		...problems(
			"unauthenticated",
			"forbidden",
			"invalid_request",
			"malformed_body",
			"not_found",
			"insufficient_credit",
			"idempotency_key_reused",
		),
	},
} satisfies FastifyZodOpenApiSchema;
const getCreditsSchema = {
	...common,
	operationId: "getCredits",
	summary: "A tenant's credit, what is left of its month, and its latest ledger entries",
	params,
	querystring: z.object({ limit: z.coerce.number().int().min(1).max(500).default(latest).describe("How many entries.") }),
	response: { 200: json("What the tenant has.", credits), ...problems("unauthenticated", "forbidden", "invalid_request", "not_found") },
} satisfies FastifyZodOpenApiSchema;
const verifySchema = {
	...common,
	operationId: "verifyLedger",
	summary: "Add up the whole ledger again and name what is off",
	response: { 200: json("What was found.", verification), ...problems("unauthenticated", "forbidden") },
} satisfies FastifyZodOpenApiSchema;
const earningsSchema = {
	...common,
	operationId: "getEarnings",
	summary: "Price, own cost and margin by model and step",
	querystring: z.object({ days: z.coerce.number().int().min(1).max(3_660).default(30).describe("Steps that ended within so many days.") }),
	response: { 200: json("What they brought in and cost.", earnings), ...problems("unauthenticated", "forbidden", "invalid_request") },
} satisfies FastifyZodOpenApiSchema;

/** The operator's view of money: tenants' credit, the ledger, and what is earned. */
export function creditRoutes(app: App, ports: HttpPorts): void {
	const { accounts, books } = ports;

	app.post("/tenants/:id/credits", { config: { ...access, audit: ["amount_micro_usd"] }, schema: moveCreditSchema }, async (request) => {
		const { amount_micro_usd: amount, note } = request.body;
		const move = amount > 0 ? accounts.addCredit : accounts.takeCredit;
		await move(request.params.id, Math.abs(amount), note, idempotencyKey(request));
		return showCredits(ports, request.params.id, latest);
	});
	app.get("/tenants/:id/credits", { config: access, schema: getCreditsSchema }, (request) =>
		showCredits(ports, request.params.id, request.query.limit),
	);
	app.get("/ledger/verification", { config: access, schema: verifySchema }, async () => presentVerification(await books.verify()));
	app.get("/earnings", { config: access, schema: earningsSchema }, async (request) =>
		presentEarnings(await books.earnings(request.query.days)),
	);
}

async function showCredits(ports: HttpPorts, tenantId: string, limit: number): Promise<z.infer<typeof credits>> {
	const tenant = await ports.accounts.findTenant(tenantId);
	if (!tenant) throw new GlassworksError("not_found", `There is no tenant ${tenantId}.`);
	return presentCredits(tenant, ports.operator, await readMeans(ports, tenantId), await ports.accounts.ledger(tenantId, limit));
}
