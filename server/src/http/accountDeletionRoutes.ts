import type { FastifyZodOpenApiSchema } from "fastify-zod-openapi";
import { z } from "zod";
import { accountDeletion, deleteAccount, deleteTenant } from "../contract/accountDeletion.ts";
import { GlassworksError } from "../domain/errors.ts";
import { type AccountDeletion, deletionTopic } from "../domain/people/accountDeletion.ts";
import type { Principal } from "../domain/plans/operatorConfig.ts";
import { countPassword } from "./attempts.ts";
import { principalOf } from "./authenticate.ts";
import { resourceId } from "./jobRoutes.ts";
import { refuseCapped } from "./keyCapRoutes.ts";
import type { App, HttpPorts } from "./ports.ts";
import { json, problems, security } from "./responses.ts";

const asked = json("Nobody acts for the account any more; what is stored is being removed. `id` is the receipt.", accountDeletion);
const refusals = ["unauthenticated", "forbidden", "invalid_request", "malformed_body", "last_owner"] as const;

const deleteOwnSchema = {
	operationId: "deleteAccount",
	tags: ["Account"],
	summary: "Delete your account for good",
	description:
		"For an owner who is signed in, with their password; for a key with the scope `manage` where the account has no people. Jobs and batches are cancelled, keys, sessions, memberships and webhooks end at once; pictures, prompts, uploads, workflows and batches are removed. People who belong to no other account are removed too. Amounts in the ledger and the audit log stay. It cannot be undone: take everything out before (GET /api/v1/export.zip).",
	security: security.key,
	body: deleteAccount,
	response: { 202: asked, ...problems(...refusals, "sign_in_failed", "rate_limited") },
} satisfies FastifyZodOpenApiSchema;
const deleteOneSchema = {
	operationId: "deleteTenant",
	tags: ["Operator"],
	summary: "Delete an account for good",
	description: "As DELETE /api/v1/account, for operators.",
	security: security.key,
	params: z.object({ id: resourceId.describe("The account.") }),
	body: deleteTenant,
	response: { 202: asked, ...problems(...refusals, "not_found", "account_deleted") },
} satisfies FastifyZodOpenApiSchema;
const getSchema = {
	operationId: "getAccountDeletion",
	tags: ["Account"],
	summary: "How far an account's deletion is",
	description: "For whoever has the receipt.",
	security: security.open,
	params: z.object({ id: resourceId.describe("The receipt.") }),
	response: { 200: json("Running or complete.", accountDeletion), ...problems("not_found", "invalid_request") },
} satisfies FastifyZodOpenApiSchema;

/** Accounts that are deleted for good: docs/accounts.md. */
export function accountDeletionRoutes(app: App, ports: HttpPorts): void {
	const { deletions, newId, bus } = ports;
	const ask = async (tenantId: string) => {
		const asked = await deletions.ask(tenantId, newId("del"));
		bus.publish(deletionTopic, {});
		return present(asked);
	};

	app.delete("/account", { config: { access: "manage" }, schema: deleteOwnSchema }, async (request, reply) => {
		const asker = principalOf(request);
		const { confirm, password } = request.body;
		await requireName(ports, asker.tenantId, confirm);
		await requireOwner(ports, asker);
		await requirePassword(ports, asker, request, password);
		return reply.code(202).send(await ask(asker.tenantId));
	});
	app.delete("/tenants/:id", { config: { access: "operate" }, schema: deleteOneSchema }, async (request, reply) => {
		const { id } = request.params;
		await requireName(ports, id, request.body.confirm);
		return reply.code(202).send(await ask(id));
	});
	app.get("/account-deletions/:id", { config: { access: "open" }, schema: getSchema }, async (request) => {
		const found = await deletions.find(request.params.id);
		if (!found) throw new GlassworksError("not_found", "There is no such receipt.");
		return present(found);
	});
}

/** @throws {GlassworksError} invalid_request, not_found, account_deleted */
async function requireName({ accounts }: Pick<HttpPorts, "accounts">, tenantId: string, confirm: string): Promise<void> {
	const tenant = await accounts.findTenant(tenantId);
	if (!tenant) throw new GlassworksError("not_found", `There is no tenant ${tenantId}.`);
	if (tenant.deletionAskedAt) throw new GlassworksError("account_deleted", "The account was deleted already.");
	if (tenant.name === confirm) return;
	throw wrongField("confirm", "must be the account's name, exactly");
}

/** An owner; a key only where there are no people who could. @throws {GlassworksError} forbidden */
async function requireOwner(ports: HttpPorts, asker: Principal): Promise<void> {
	const { userId, tenantId } = asker;
	if (userId === null) {
		await refuseCapped(ports.accounts, asker);
		if ((await ports.members.list(tenantId, { limit: 1, before: null })).members.length === 0) return;
	} else if ((await ports.members.roleOf(tenantId, userId)) === "owner") return;
	throw new GlassworksError("forbidden", "Only an owner of the account, signed in, may delete it.");
}

/** A session that was left open is not enough. @throws {GlassworksError} invalid_request, sign_in_failed, rate_limited */
async function requirePassword(
	ports: HttpPorts,
	{ userId, tenantId }: Principal,
	request: { ip: string },
	password: string | undefined,
): Promise<void> {
	if (userId === null) return;
	if (password === undefined) throw wrongField("password", "must be your password");
	await countPassword(ports, request, (await ports.members.get(tenantId, userId)).email);
	await ports.identity.checkPassword(userId, password);
}

function wrongField(field: string, message: string): GlassworksError {
	return new GlassworksError("invalid_request", `${field}: ${message}.`, {}, [{ path: [field], message }]);
}

function present({ id, tenantId, askedAt, completedAt }: AccountDeletion): z.infer<typeof accountDeletion> {
	return {
		id,
		tenant_id: tenantId,
		status: completedAt ? "complete" : "running",
		asked_at: askedAt.toISOString(),
		completed_at: completedAt?.toISOString() ?? null,
	};
}
