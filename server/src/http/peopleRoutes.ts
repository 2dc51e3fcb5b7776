import type { FastifyZodOpenApiSchema } from "fastify-zod-openapi";
import { address, changePassword, mailed, mailedToken, resetPassword, signIn, signUp } from "../contract/people.ts";
import { session } from "../contract/server.ts";
import { GlassworksError } from "../domain/errors.ts";
import { personOf } from "./accountOf.ts";
import { countPassword, mayMail } from "./attempts.ts";
import { principalOf, sessionCookie } from "./authenticate.ts";
import { requireInvitationFor } from "./invitationRoutes.ts";
import { limitSignIn } from "./limitRequests.ts";
import { openSession, requireGoodPassword } from "./personSession.ts";
import type { App, HttpPorts } from "./ports.ts";
import { json, problems, security } from "./responses.ts";
import { sha256Hex } from "./sign.ts";

const access = { access: "open" as const };
const common = { tags: ["People"], security: security.open };
const refusals = ["forbidden", "invalid_request", "malformed_body", "rate_limited"] as const;
const accepted = { 202: json("Mailed, where there is something to mail.", mailed) };
const answer = { status: "mailed" as const };

const signUpSchema = {
	...common,
	operationId: "signUp",
	summary: "Sign up with an address and a password",
	description: "Where the operator lets anybody in. A link is mailed that verifies the address; who has signed up already is mailed that.",
	body: signUp,
	response: { ...accepted, ...problems(...refusals, "sign_up_closed") },
} satisfies FastifyZodOpenApiSchema;
const signInSchema = {
	...common,
	operationId: "signIn",
	summary: "Sign in with an address and a password",
	description: "Sets a cookie that no script reads. It works for 30 days, or until you sign out or change your password.",
	body: signIn,
	response: {
		201: json("Signed in.", session),
		...problems(...refusals, "sign_in_failed", "address_not_verified", "no_account", "link_invalid"),
	},
} satisfies FastifyZodOpenApiSchema;
const verifySchema = {
	...common,
	operationId: "verifyAddress",
	summary: "Verify an address with the link that was mailed to it",
	body: mailedToken,
	response: { 204: { description: "Verified: you can sign in." }, ...problems(...refusals, "link_invalid") },
} satisfies FastifyZodOpenApiSchema;
const resendSchema = {
	...common,
	operationId: "resendVerification",
	summary: "Mail the link that verifies an address again",
	body: address,
	response: { ...accepted, ...problems(...refusals) },
} satisfies FastifyZodOpenApiSchema;
const forgotSchema = {
	...common,
	operationId: "forgotPassword",
	summary: "Mail a link to choose a new password",
	body: address,
	response: { ...accepted, ...problems(...refusals) },
} satisfies FastifyZodOpenApiSchema;
const resetSchema = {
	...common,
	operationId: "resetPassword",
	summary: "Choose a new password with the link that was mailed",
	description: "Ends every session of yours.",
	body: resetPassword,
	response: { 204: { description: "Done: sign in with it." }, ...problems(...refusals, "link_invalid") },
} satisfies FastifyZodOpenApiSchema;
const changeSchema = {
	...common,
	operationId: "changePassword",
	summary: "Change your password",
	description: "Ends every other session of yours.",
	security: security.key,
	body: changePassword,
	response: { 204: { description: "Done." }, ...problems(...refusals, "unauthenticated", "sign_in_failed") },
} satisfies FastifyZodOpenApiSchema;

/** People sign up and in with an address and a password. No answer says whether an address is known. */
export function peopleRoutes(app: App, ports: HttpPorts): void {
	signInRoutes(app, ports);
	mailedLinkRoutes(app, ports);
	passwordRoute(app, ports);
}

function signInRoutes(app: App, ports: HttpPorts): void {
	const { identity, members, operator } = ports;

	app.post("/people/sign-up", { config: access, schema: signUpSchema }, async (request, reply) => {
		if (operator.people.signUp !== "open") throw new GlassworksError("sign_up_closed", "This server lets people in by invitation only.");
		requireGoodPassword(request.body.password, request.body);
		if (await mayMail(ports, request, request.body.email)) await identity.signUp(request.body);
		return reply.code(202).send(answer);
	});

	app.post("/people/sign-in", { config: { ...access, audit: true }, schema: signInSchema }, async (request, reply) => {
		const { email, password, invitation } = request.body;
		await limitSignIn(ports, request, reply);
		await countPassword(ports, request, email);
		const { person, token } = await identity.signIn(email, password);
		let tenantId: string | null = null;
		if (invitation !== undefined) {
			await requireInvitationFor(ports, invitation, person.email);
			({ tenantId } = await members.accept(sha256Hex(invitation), person.id));
		}
		return reply.code(201).send(await openSession(ports, reply, { token, person, tenantId }));
	});
}

function mailedLinkRoutes(app: App, ports: HttpPorts): void {
	const { identity } = ports;

	app.post("/people/verify", { config: access, schema: verifySchema }, async (request, reply) => {
		await identity.verify(request.body.token);
		return reply.code(204).send();
	});
	app.post("/people/verify/resend", { config: access, schema: resendSchema }, async (request, reply) => {
		if (await mayMail(ports, request, request.body.email)) await identity.sendVerification(request.body.email);
		return reply.code(202).send(answer);
	});
	app.post("/people/forgot", { config: access, schema: forgotSchema }, async (request, reply) => {
		if (await mayMail(ports, request, request.body.email)) await identity.forgot(request.body.email);
		return reply.code(202).send(answer);
	});
	app.post("/people/reset", { config: access, schema: resetSchema }, async (request, reply) => {
		const { token, password } = request.body;
		const person = await identity.ofResetLink(token);
		if (!person) throw new GlassworksError("link_invalid", "The link is wrong, was used or has expired. Ask for a new one.");
		requireGoodPassword(password, person);
		await identity.reset(token, password);
		return reply.code(204).send();
	});
}

function passwordRoute(app: App, ports: HttpPorts): void {
	const { identity, members } = ports;
	app.post("/people/password", { config: { access: "read", audit: true }, schema: changeSchema }, async (request, reply) => {
		const { userId, tenantId } = personOf(principalOf(request));
		const person = await members.get(tenantId, userId);
		const { current, password } = request.body;
		requireGoodPassword(password, person);
		await countPassword(ports, request, person.email);
		await identity.changePassword(userId, current, password);
		await members.endSessions(userId, sha256Hex(request.cookies[sessionCookie] ?? ""));
		return reply.code(204).send();
	});
}
