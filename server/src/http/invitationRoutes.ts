import { randomBytes } from "node:crypto";
import type { FastifyZodOpenApiSchema } from "fastify-zod-openapi";
import { z } from "zod";
import { ofTenant } from "../contract/key.ts";
import {
	createdInvitation,
	createInvitation,
	invitationPage,
	join,
	mailedToken,
	openedInvitation,
	pageOfTenant,
} from "../contract/people.ts";
import { session } from "../contract/server.ts";
import { GlassworksError } from "../domain/errors.ts";
import type { OpenedInvitation } from "../domain/people/memberStore.ts";
import { accountOf, personOf, requireRole, standingIn } from "./accountOf.ts";
import { countInvitation } from "./attempts.ts";
import { principalOf, sessionCookie } from "./authenticate.ts";
import { resourceId } from "./jobRoutes.ts";
import { refuseCapped } from "./keyCapRoutes.ts";
import { limitSignIn } from "./limitRequests.ts";
import { openSession, presentSession, requireGoodPassword } from "./personSession.ts";
import type { App, HttpPorts } from "./ports.ts";
import { presentInvitation } from "./presentPeople.ts";
import { json, problems, security } from "./responses.ts";
import { sha256Hex } from "./sign.ts";

/** A week. */
const invitationTtlMs = 7 * 86_400_000;

const access = { access: "manage" as const };
const params = z.object({ id: resourceId.describe("The invitation.") });
const common = { tags: ["People"], security: security.key };
const refusals = ["unauthenticated", "forbidden", "not_found", "invalid_request"] as const;
const openRefusals = ["forbidden", "invalid_request", "malformed_body", "rate_limited", "link_invalid"] as const;

const inviteSchema = {
	...common,
	operationId: "createInvitation",
	summary: "Invite somebody to your account by mail",
	description: "The link works for a week. Inviting an address again replaces the earlier invitation, so this is safe to repeat.",
	querystring: ofTenant,
	body: createInvitation,
	response: {
		201: json("Invited.", createdInvitation),
		...problems(...refusals, "malformed_body", "rate_limited", "already_member", "account_limit", "sign_up_closed"),
	},
} satisfies FastifyZodOpenApiSchema;
const listSchema = {
	...common,
	operationId: "listInvitations",
	summary: "Your account's invitations, newest first",
	querystring: pageOfTenant,
	response: { 200: json("One page.", invitationPage), ...problems(...refusals) },
} satisfies FastifyZodOpenApiSchema;
const withdrawSchema = {
	...common,
	operationId: "withdrawInvitation",
	summary: "Take an invitation back: its link no longer works",
	params,
	querystring: ofTenant,
	response: { 204: { description: "Gone." }, ...problems(...refusals) },
} satisfies FastifyZodOpenApiSchema;
const openSchema = {
	...common,
	operationId: "openInvitation",
	summary: "What an invitation is to, for whoever has its link",
	security: security.open,
	body: mailedToken,
	response: { 200: json("It is good.", openedInvitation), ...problems(...openRefusals) },
} satisfies FastifyZodOpenApiSchema;
const joinSchema = {
	...common,
	operationId: "joinByInvitation",
	summary: "Accept an invitation as somebody new, and sign in",
	description: "The link was mailed to the address, so it needs no other verification.",
	security: security.open,
	body: join,
	response: { 201: json("Signed in, in the account.", session), ...problems(...openRefusals, "person_exists") },
} satisfies FastifyZodOpenApiSchema;
const acceptSchema = {
	...common,
	operationId: "acceptInvitation",
	summary: "Accept an invitation as the person who is signed in, and enter the account",
	body: mailedToken,
	response: { 200: json("You are in the account.", session), ...problems(...refusals, "malformed_body", "link_invalid") },
} satisfies FastifyZodOpenApiSchema;

/** Invitations to an account, from both sides. */
export function invitationRoutes(app: App, ports: HttpPorts): void {
	manageRoutes(app, ports);
	acceptRoutes(app, ports);
}

function manageRoutes(app: App, ports: HttpPorts): void {
	const { members, identity, accounts, operator, newId, config } = ports;

	app.post("/invitations", { config: { ...access, audit: ["role"] }, schema: inviteSchema }, async (request, reply) => {
		const asker = principalOf(request);
		const isOperator = asker.scopes.includes("operate");
		if (operator.people.signUp === "closed" && !isOperator)
			throw new GlassworksError("sign_up_closed", "On this server only the operator invites people.");
		const tenantId = await accountOf(ports, asker, request.query.tenant);
		await refuseCapped(accounts, asker);
		requireRole(asker, request.body.role, tenantId);
		if (!isOperator) await countInvitation(ports, tenantId);
		const token = randomBytes(32).toString("base64url");
		const { email, role } = request.body;
		const expiresAt = new Date(Date.now() + invitationTtlMs);
		const draft = { id: newId("inv"), tenantId, email, role, tokenHash: sha256Hex(token), invitedBy: asker.userId, expiresAt };
		const invitation = await members.invite(draft, await standingIn(ports, asker, tenantId));
		const organisation = (await accounts.findTenant(tenantId))?.name ?? tenantId;
		const inviter = asker.userId && ((await identity.find(asker.userId))?.name ?? null);
		await identity.mailInvitation({ email, organisation, role, inviter, token });
		// Whoever else had the link could pass for the owner of the address.
		const link = isOperator ? `${config.publicUrl()}/join#${token}` : null;
		return reply.code(201).send({ invitation: presentInvitation(invitation), link });
	});
	app.get("/invitations", { config: access, schema: listSchema }, async (request) => {
		const { limit, before = null, tenant } = request.query;
		const page = await members.listInvitations(await accountOf(ports, principalOf(request), tenant), { limit, before });
		return { data: page.invitations.map(presentInvitation), next: page.next };
	});
	app.delete("/invitations/:id", { config: access, schema: withdrawSchema }, async (request, reply) => {
		await members.withdraw(await accountOf(ports, principalOf(request), request.query.tenant), request.params.id);
		return reply.code(204).send();
	});
}

function acceptRoutes(app: App, ports: HttpPorts): void {
	const { members, identity } = ports;

	app.post("/invitations/open", { config: { access: "open" }, schema: openSchema }, async (request, reply) => {
		await limitSignIn(ports, request, reply);
		const { organisation, email, role, expiresAt } = await requireInvitation(ports, request.body.token);
		const person_exists = await identity.isVerified(email);
		return { organisation, email, role, expires_at: expiresAt.toISOString(), person_exists };
	});
	app.post("/invitations/join", { config: { access: "open", audit: true }, schema: joinSchema }, async (request, reply) => {
		await limitSignIn(ports, request, reply);
		const { token, name, password } = request.body;
		const { email } = await requireInvitation(ports, token);
		requireGoodPassword(password, { email, name });
		const person = await identity.admit({ email, name, password });
		const { tenantId } = await members.accept(sha256Hex(token), person.id);
		const begun = await identity.startSession(person.id);
		return reply.code(201).send(await openSession(ports, reply, { token: begun, person, tenantId }));
	});
	app.post("/invitations/accept", { config: { access: "read", audit: true }, schema: acceptSchema }, async (request) => {
		const { userId, tenantId: from } = personOf(principalOf(request));
		const { token } = request.body;
		await requireInvitationFor(ports, token, (await members.get(from, userId)).email);
		const { tenantId } = await members.accept(sha256Hex(token), userId);
		const tokenHash = sha256Hex(request.cookies[sessionCookie] ?? "");
		await members.enter(tokenHash, userId, tenantId);
		const principal = await ports.accounts.findBySessionHash(tokenHash);
		if (!principal) throw new GlassworksError("unauthenticated", "The session has ended. Sign in again.");
		return presentSession(ports, principal);
	});
}

/** @throws {GlassworksError} link_invalid */
async function requireInvitation({ members }: Pick<HttpPorts, "members">, token: string): Promise<OpenedInvitation> {
	const opened = await members.openInvitation(sha256Hex(token));
	if (opened) return opened;
	throw new GlassworksError("link_invalid", "The invitation was used, withdrawn or has expired. Ask for a new one.");
}

/** @throws {GlassworksError} link_invalid, forbidden */
export async function requireInvitationFor(ports: Pick<HttpPorts, "members">, token: string, email: string): Promise<void> {
	if ((await requireInvitation(ports, token)).email === email) return;
	throw new GlassworksError("forbidden", "The invitation is for another address: sign in with that one.");
}
