import { randomBytes } from "node:crypto";
import type { FastifyZodOpenApiSchema } from "fastify-zod-openapi";
import { z } from "zod";
import { apiKey, createdKey, createKey, keyPage, listKeysQuery, ofTenant, rotateKey } from "../contract/key.ts";
import { GlassworksError } from "../domain/errors.ts";
import type { Principal, Scope } from "../domain/plans/operatorConfig.ts";
import { accountOf } from "./accountOf.ts";
import { principalOf } from "./authenticate.ts";
import { resourceId } from "./jobRoutes.ts";
import { keyCapRoutes, refuseCapped, requireModels } from "./keyCapRoutes.ts";
import type { App, HttpPorts } from "./ports.ts";
import { presentKey, readCaps } from "./presentKey.ts";
import { json, problems, security } from "./responses.ts";
import { sha256Hex } from "./sign.ts";

const access = { access: "manage" as const };
const params = z.object({ id: resourceId.describe("The key.") });
const common = { tags: ["Keys"], security: security.key };
const refusals = ["unauthenticated", "forbidden", "not_found", "invalid_request"] as const;

const createSchema = {
	...common,
	operationId: "createKey",
	summary: "Make a key for your account",
	description: "Takes no Idempotency-Key: a secret is never kept. Where the answer was lost, revoke the key that is in the list.",
	querystring: ofTenant,
	body: createKey,
	response: { 201: json("Made. The secret is shown this once.", createdKey), ...problems(...refusals, "malformed_body") },
} satisfies FastifyZodOpenApiSchema;
const listSchema = {
	...common,
	operationId: "listKeys",
	summary: "Your account's keys, newest first",
	querystring: listKeysQuery,
	response: { 200: json("One page, without secrets.", keyPage), ...problems(...refusals) },
} satisfies FastifyZodOpenApiSchema;
const getSchema = {
	...common,
	operationId: "getKey",
	summary: "A key, without its secret",
	params,
	querystring: ofTenant,
	response: { 200: json("The key.", apiKey), ...problems(...refusals) },
} satisfies FastifyZodOpenApiSchema;
const rotateSchema = {
	...common,
	operationId: "rotateKey",
	summary: "Give a key a new secret",
	description: "Makes a key like it and ends the old one, at once or after `overlap_s`. As for new keys, no Idempotency-Key.",
	params,
	querystring: ofTenant,
	body: rotateKey,
	response: {
		201: json("The new key. Its secret is shown this once.", createdKey),
		...problems(...refusals, "malformed_body", "key_not_usable"),
	},
} satisfies FastifyZodOpenApiSchema;
const revokeSchema = {
	...common,
	operationId: "revokeKey",
	summary: "Make a key stop working at once",
	description: "Takes no body. Sessions that were opened with it end too.",
	params,
	querystring: ofTenant,
	response: { 204: { description: "It no longer works." }, ...problems(...refusals) },
} satisfies FastifyZodOpenApiSchema;

/** The keys of one's own account; an operator may name another. */
export function keyRoutes(app: App, ports: Pick<HttpPorts, "accounts" | "newId" | "operator">): void {
	const { accounts, newId } = ports;

	app.post("/keys", { config: { ...access, audit: ["scopes"] }, schema: createSchema }, async (request, reply) => {
		const asker = principalOf(request);
		const tenantId = await accountOf(ports, asker, request.query.tenant);
		const { name, scopes, expires_at: expires, caps } = request.body;
		requireScopes(asker, scopes);
		await refuseCapped(accounts, asker);
		requireModels(caps?.models, ports.operator);
		if (scopes.includes("operate") && tenantId !== asker.tenantId)
			throw new GlassworksError("forbidden", "A key that operates the server belongs to the operator's own account.");
		const { secret, prefix, secretHash } = newSecret();
		const id = newId("key");
		const expiresAt = expires === undefined ? null : new Date(expires);
		await accounts.createKey({
			...{ id, tenantId, name, prefix, secretHash, expiresAt, caps: readCaps(caps) },
			scopes: [...new Set(scopes)],
			createdBy: asker.userId,
		});
		return reply.code(201).send({ key: presentKey(await accounts.getKey(tenantId, id)), secret });
	});
	keyCapRoutes(app, ports);
	app.get("/keys", { config: access, schema: listSchema }, async (request) => {
		const { limit, before = null, tenant } = request.query;
		const { keys, next } = await accounts.listKeys(await accountOf(ports, principalOf(request), tenant), { limit, before });
		return { data: keys.map(presentKey), next };
	});
	app.get("/keys/:id", { config: access, schema: getSchema }, async (request) =>
		presentKey(await accounts.getKey(await accountOf(ports, principalOf(request), request.query.tenant), request.params.id)),
	);
	app.post("/keys/:id/rotate", { config: access, schema: rotateSchema }, async (request, reply) => {
		const asker = principalOf(request);
		const tenantId = await accountOf(ports, asker, request.query.tenant);
		const { id: keyId } = request.params;
		requireScopes(asker, (await accounts.getKey(tenantId, keyId)).scopes);
		const { secret, prefix, secretHash } = newSecret();
		const oldUntil = new Date(Date.now() + request.body.overlap_s * 1_000);
		const made = { id: newId("key"), prefix, secretHash, createdBy: asker.userId };
		return reply.code(201).send({ key: presentKey(await accounts.rotateKey({ tenantId, keyId, oldUntil }, made)), secret });
	});
	app.post("/keys/:id/revoke", { config: access, schema: revokeSchema }, async (request, reply) => {
		await accounts.revokeKey(await accountOf(ports, principalOf(request), request.query.tenant), request.params.id);
		return reply.code(204).send();
	});
}

/** 256 random bits, so an unsalted hash keeps them. */
function newSecret(): { secret: string; prefix: string; secretHash: string } {
	const secret = `gw_${randomBytes(32).toString("base64url")}`;
	return { secret, prefix: secret.slice(0, 8), secretHash: sha256Hex(secret) };
}

/** @throws {GlassworksError} forbidden */
function requireScopes({ scopes }: Principal, asked: readonly Scope[]): void {
	const excess = asked.filter((scope) => !scopes.includes(scope));
	if (excess.length > 0)
		throw new GlassworksError("forbidden", `A key gives at most what its maker may do; you lack ${excess.join(", ")}.`);
}
