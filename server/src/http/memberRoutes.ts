import type { FastifyZodOpenApiSchema } from "fastify-zod-openapi";
import { z } from "zod";
import { ofTenant } from "../contract/key.ts";
import { changeMember, createOrganisation, member, memberPage, organisation, organisationList, pageOfTenant } from "../contract/people.ts";
import { session } from "../contract/server.ts";
import { GlassworksError } from "../domain/errors.ts";
import { accountOf, personOf, requireRole, standingIn } from "./accountOf.ts";
import { principalOf, sessionCookie } from "./authenticate.ts";
import { resourceId } from "./jobRoutes.ts";
import { refuseCapped } from "./keyCapRoutes.ts";
import { newAccountId } from "./newAccountId.ts";
import { mostOwned, presentSession } from "./personSession.ts";
import type { App, HttpPorts } from "./ports.ts";
import { presentMember, presentOrganisation } from "./presentPeople.ts";
import { json, problems, security } from "./responses.ts";
import { sha256Hex } from "./sign.ts";

const access = { access: "manage" as const };
const params = z.object({ id: resourceId.describe("The person.") });
const common = { tags: ["People"], security: security.key };
const refusals = ["unauthenticated", "forbidden", "not_found", "invalid_request"] as const;

const listSchema = {
	...common,
	operationId: "listMembers",
	summary: "The people of your account, in the order they joined",
	querystring: pageOfTenant,
	response: { 200: json("One page.", memberPage), ...problems(...refusals) },
} satisfies FastifyZodOpenApiSchema;
const changeSchema = {
	...common,
	operationId: "changeMember",
	summary: "Change a person's role; it holds from their next request on",
	params,
	querystring: ofTenant,
	body: changeMember,
	response: { 200: json("Changed.", member), ...problems(...refusals, "malformed_body", "last_owner") },
} satisfies FastifyZodOpenApiSchema;
const removeSchema = {
	...common,
	operationId: "removeMember",
	summary: "Remove a person from your account",
	description: "Their sessions in it end at once. Keys they made belong to the account and go on working: revoke those they know.",
	params,
	querystring: ofTenant,
	response: { 204: { description: "Removed." }, ...problems(...refusals, "last_owner") },
} satisfies FastifyZodOpenApiSchema;
const leaveSchema = {
	...common,
	operationId: "leaveOrganisation",
	summary: "Leave the account you are in",
	description: "Takes no body. Your session in it ends: sign in again to enter another account of yours.",
	response: { 204: { description: "Left." }, ...problems("unauthenticated", "forbidden", "last_owner") },
} satisfies FastifyZodOpenApiSchema;
const organisationsSchema = {
	...common,
	operationId: "listOrganisations",
	summary: "The accounts you belong to",
	response: { 200: json("All of them.", organisationList), ...problems("unauthenticated", "forbidden") },
} satisfies FastifyZodOpenApiSchema;
const foundSchema = {
	...common,
	operationId: "createOrganisation",
	summary: "Make another account, of which you are the owner",
	description: `Where the operator lets anybody sign up; at most ${mostOwned} of your own. With an Idempotency-Key it is made once.`,
	body: createOrganisation,
	response: {
		201: json("Made. You are still in the account you were in.", organisation),
		...problems(...refusals, "malformed_body", "sign_up_closed", "account_limit"),
	},
} satisfies FastifyZodOpenApiSchema;
const enterSchema = {
	...common,
	operationId: "enterOrganisation",
	summary: "Go on in another account of yours",
	description: "Takes no body. This session's requests are the other account's from now on.",
	params: z.object({ id: resourceId.describe("The account.") }),
	response: { 200: json("You are in it.", session), ...problems(...refusals) },
} satisfies FastifyZodOpenApiSchema;

/** Who belongs to an account, and which of their accounts a person is in. */
export function memberRoutes(app: App, ports: HttpPorts): void {
	const { members } = ports;

	app.get("/members", { config: access, schema: listSchema }, async (request) => {
		const { limit, before = null, tenant } = request.query;
		const page = await members.list(await accountOf(ports, principalOf(request), tenant), { limit, before });
		return { data: page.members.map(presentMember), next: page.next };
	});
	app.patch("/members/:id", { config: { ...access, audit: ["role"] }, schema: changeSchema }, async (request) => {
		const asker = principalOf(request);
		const tenantId = await accountOf(ports, asker, request.query.tenant);
		await refuseCapped(ports.accounts, asker);
		requireRole(asker, request.body.role, tenantId);
		const standing = await standingIn(ports, asker, tenantId);
		return presentMember(await members.setRole(tenantId, request.params.id, request.body.role, standing));
	});
	app.delete("/members/:id", { config: access, schema: removeSchema }, async (request, reply) => {
		const asker = principalOf(request);
		const tenantId = await accountOf(ports, asker, request.query.tenant);
		await members.remove(tenantId, request.params.id, await standingIn(ports, asker, tenantId));
		return reply.code(204).send();
	});
	app.post("/members/leave", { config: { access: "read", audit: true }, schema: leaveSchema }, async (request, reply) => {
		const { userId, tenantId } = personOf(principalOf(request));
		await members.remove(tenantId, userId, { isOverOwners: true });
		return reply.code(204).send();
	});
	organisationRoutes(app, ports);
}

function organisationRoutes(app: App, ports: HttpPorts): void {
	const { members, operator, accounts } = ports;

	app.get("/organisations", { schema: organisationsSchema }, async (request) => {
		const { userId, tenantId } = personOf(principalOf(request));
		return { data: (await members.membershipsOf(userId)).map((entry) => presentOrganisation(entry, tenantId)) };
	});
	app.post("/organisations", { config: { access: "read", audit: true }, schema: foundSchema }, async (request, reply) => {
		const { userId, tenantId } = personOf(principalOf(request));
		if (operator.people.signUp !== "open") throw new GlassworksError("sign_up_closed", "On this server the operator makes accounts.");
		const { name } = request.body;
		const made = await members.found(userId, { id: newAccountId(ports, request, userId), name, plan: operator.people.plan }, mostOwned);
		return reply.code(201).send(presentOrganisation(made, tenantId));
	});
	app.post("/organisations/:id/enter", { config: { access: "read" }, schema: enterSchema }, async (request) => {
		const { userId } = personOf(principalOf(request));
		const tokenHash = sha256Hex(request.cookies[sessionCookie] ?? "");
		await members.enter(tokenHash, userId, request.params.id);
		const principal = await accounts.findBySessionHash(tokenHash);
		if (!principal) throw new GlassworksError("unauthenticated", "The session has ended. Sign in again.");
		return presentSession(ports, principal);
	});
}
