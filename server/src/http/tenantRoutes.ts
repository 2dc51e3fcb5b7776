import type { FastifyZodOpenApiSchema } from "fastify-zod-openapi";
import { z } from "zod";
import { pageQuery } from "../contract/common.ts";
import { createTenant, tenant, tenantPage } from "../contract/people.ts";
import { GlassworksError } from "../domain/errors.ts";
import type { OperatorConfig } from "../domain/plans/operatorConfig.ts";
import { principalOf } from "./authenticate.ts";
import { resourceId } from "./jobRoutes.ts";
import { newAccountId } from "./newAccountId.ts";
import type { App, HttpPorts } from "./ports.ts";
import { presentTenant } from "./presentPeople.ts";
import { json, problems, security } from "./responses.ts";

const access = { access: "operate" as const };
const params = z.object({ id: resourceId.describe("The account.") });
const common = { tags: ["Operator"], security: security.key };

const createSchema = {
	...common,
	operationId: "createTenant",
	summary: "Make an account",
	description: "It has no keys and no people yet: make or invite them with `tenant`. With an Idempotency-Key it is made once.",
	body: createTenant,
	response: {
		201: json("Made.", tenant),
		...problems("unauthenticated", "forbidden", "invalid_request", "malformed_body", "idempotency_key_reused"),
	},
} satisfies FastifyZodOpenApiSchema;
const listSchema = {
	...common,
	operationId: "listTenants",
	summary: "Every account, newest first",
	querystring: pageQuery,
	response: { 200: json("One page.", tenantPage), ...problems("unauthenticated", "forbidden", "invalid_request") },
} satisfies FastifyZodOpenApiSchema;
const getSchema = {
	...common,
	operationId: "getTenant",
	summary: "An account",
	params,
	response: { 200: json("The account.", tenant), ...problems("unauthenticated", "forbidden", "not_found") },
} satisfies FastifyZodOpenApiSchema;

/** Accounts, as the operator sees them. Plans are changed in steeringRoutes.ts, credit in creditRoutes.ts. */
export function tenantRoutes(app: App, ports: HttpPorts): void {
	const { accounts, operator } = ports;

	app.post("/tenants", { config: { ...access, audit: ["plan", "postpaid"] }, schema: createSchema }, async (request, reply) => {
		const { tenantId: asker } = principalOf(request);
		requirePlan(operator, request.body.plan);
		const wanted = { id: newAccountId(ports, request, asker), ...request.body };
		await accounts.createTenant(wanted).catch(async (error: unknown) => {
			if (!(error instanceof GlassworksError && error.code === "tenant_exists")) throw error;
			const { name, plan, postpaid } = await find(ports, wanted.id);
			if (name !== wanted.name || plan !== wanted.plan || postpaid !== wanted.postpaid)
				throw new GlassworksError("idempotency_key_reused", "This Idempotency-Key made another account. Use a new key.");
		});
		return reply.code(201).send(presentTenant(await find(ports, wanted.id)));
	});
	app.get("/tenants", { config: access, schema: listSchema }, async (request) => {
		const { limit, before = null } = request.query;
		const { tenants, next } = await accounts.listTenants({ limit, before });
		return { data: tenants.map(presentTenant), next };
	});
	app.get("/tenants/:id", { config: access, schema: getSchema }, async (request) => presentTenant(await find(ports, request.params.id)));
}

async function find({ accounts }: Pick<HttpPorts, "accounts">, tenantId: string) {
	const found = await accounts.findTenant(tenantId);
	if (!found) throw new GlassworksError("not_found", `There is no tenant ${tenantId}.`);
	return found;
}

/** @throws {GlassworksError} invalid_request */
export function requirePlan({ plans }: OperatorConfig, plan: string): OperatorConfig["plans"][string] {
	const found = Object.hasOwn(plans, plan) ? plans[plan] : undefined;
	if (found) return found;
	const message = `one of ${Object.keys(plans).join(", ")}`;
	throw new GlassworksError("invalid_request", `plan: ${message}.`, {}, [{ path: ["plan"], message }]);
}
