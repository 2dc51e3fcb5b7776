import type { betterAuth } from "better-auth";
import { GlassworksError } from "../domain/errors.ts";
import type { Identity, Person } from "../domain/people/identity.ts";
import type { Log, Mailer, NewId } from "../domain/ports.ts";
import { authOptions } from "./authOptions.ts";
import { invitationMail, knownMail, type MailText, resetMail, verificationMail } from "./mails.ts";
import { createPasswords } from "./passwords.ts";

export interface IdentityParts {
	/** As a pg.Pool. */
	pool: object;
	/** Signs what mailed links hold. */
	secret: string;
	newId: NewId;
	mailer: Mailer;
	/** Without a slash at the end. */
	publicUrl(): string;
	sessionTtlMs: number;
	log: Log;
}

interface User {
	id: string;
	name: string;
	email: string;
	emailVerified: boolean;
	createdAt: Date;
}

const toPerson = ({ id, name, email, emailVerified, createdAt }: User): Person => ({
	id,
	name,
	email,
	isVerified: emailVerified,
	createdAt,
});

/** People by better-auth: it keeps addresses, passwords, mailed links and sessions. */
export function createIdentity(parts: IdentityParts): Identity {
	const auth = openAuth(parts);
	return {
		...signingIn(auth),
		...mailedLinks(auth),
		mailInvitation: ({ email, ...invitation }) => auth.send(email, invitationMail(parts.publicUrl(), invitation)),
		isVerified: async (email) => (await (await auth.store()).findUserByEmail(email))?.user.emailVerified === true,
		async find(userId) {
			const user = await (await auth.store()).findUserById(userId);
			return user ? toPerson(user) : null;
		},
	};
}

type Auth = ReturnType<typeof openAuth>;

/** better-auth, loaded when the first person comes. */
function openAuth(parts: IdentityParts) {
	const { mailer, newId, log, publicUrl } = parts;
	const passwords = createPasswords();
	const send = (to: string, mail: MailText) => mailer.send({ id: newId("mail"), to, ...mail });
	const options = authOptions({
		...parts,
		passwords,
		sendVerification: ({ user, token }) => send(user.email, verificationMail(publicUrl(), { user, token })),
		sendReset: ({ user, token }) => send(user.email, resetMail(publicUrl(), { user, token })),
		sendKnown: ({ user }) => send(user.email, knownMail(publicUrl(), { user })),
		onError: (message) => log.error({ reason: message }, "better-auth"),
	});
	let loading: Promise<ReturnType<typeof betterAuth<typeof options>>> | null = null;
	const load = () => {
		loading ??= import("better-auth").then((module) => module.betterAuth(options));
		return loading;
	};
	return { passwords, send, api: async () => (await load()).api, store: async () => (await (await load()).$context).internalAdapter };
}

async function setPassword({ passwords, store }: Auth, userId: string, password: string): Promise<void> {
	const people = await store();
	const hash = await passwords.hash(password);
	if (await people.findCredentialAccount(userId)) await people.updatePassword(userId, hash);
	else await people.linkAccount({ userId, providerId: "credential", accountId: userId, password: hash });
}

type SigningIn = Pick<Identity, "signUp" | "admit" | "signIn" | "startSession" | "checkPassword" | "changePassword">;

function signingIn(auth: Auth): SigningIn {
	const { api, store, passwords } = auth;
	const checkPassword = async (userId: string, password: string) => {
		const hash = (await (await store()).findCredentialAccount(userId))?.password;
		if (!hash || !(await passwords.verify({ hash, password })))
			throw new GlassworksError("sign_in_failed", "The present password is another.");
	};
	return {
		async signUp({ email, name, password }) {
			await (await api()).signUpEmail({ body: { email, name, password } });
		},
		async admit({ email, name, password }) {
			const people = await store();
			const known = (await people.findUserByEmail(email))?.user;
			if (known?.emailVerified) throw new GlassworksError("person_exists", "This address has signed up: sign in, then accept.");
			const user = known ?? (await people.createUser({ email, name, emailVerified: false }, { method: "email-password" }));
			await setPassword(auth, user.id, password);
			return toPerson((await people.updateUser(user.id, { name, emailVerified: true })) as User);
		},
		async signIn(email, password) {
			const answer = await (await api()).signInEmail({ body: { email, password } }).catch(refuse);
			return { person: toPerson(answer.user as User), token: answer.token };
		},
		startSession: async (userId) => (await (await store()).createSession(userId)).token,
		checkPassword,
		async changePassword(userId, oldPassword, newPassword) {
			await checkPassword(userId, oldPassword);
			await setPassword(auth, userId, newPassword);
		},
	};
}

type MailedLinks = Pick<Identity, "sendVerification" | "verify" | "forgot" | "ofResetLink" | "reset">;

function mailedLinks({ api, store }: Auth): MailedLinks {
	const ofResetLink = async (token: string) => {
		const people = await store();
		const found = await people.findVerificationValue(`reset-password:${token}`);
		const user = found && found.expiresAt > new Date() ? await people.findUserById(found.value) : null;
		return user ? toPerson(user) : null;
	};
	return {
		async sendVerification(email) {
			const known = (await (await store()).findUserByEmail(email))?.user;
			if (known && !known.emailVerified) await (await api()).sendVerificationEmail({ body: { email } });
		},
		async verify(token) {
			await (await api()).verifyEmail({ query: { token } }).catch(refuseLink);
		},
		async forgot(email) {
			await (await api()).requestPasswordReset({ body: { email } });
		},
		ofResetLink,
		async reset(token, password) {
			const person = await ofResetLink(token);
			if (!person) throw linkInvalid();
			await (await api()).resetPassword({ body: { token, newPassword: password } }).catch(refuseLink);
			if (!person.isVerified) await (await store()).updateUser(person.id, { emailVerified: true });
		},
	};
}

function linkInvalid(): GlassworksError {
	return new GlassworksError("link_invalid", "The link is wrong, was used or has expired. Ask for a new one.");
}

/** What better-auth throws when the caller is at fault; anything else is our own mistake. */
function codeOf(error: unknown): string | null {
	if (typeof error !== "object" || error === null || !("body" in error)) return null;
	const { body } = error as { body?: { code?: unknown } };
	return typeof body?.code === "string" ? body.code : null;
}

function refuse(error: unknown): never {
	switch (codeOf(error)) {
		case "EMAIL_NOT_VERIFIED":
			throw new GlassworksError(
				"address_not_verified",
				"Open the link that was mailed to you first; POST /people/verify/resend sends it again.",
			);
		case "INVALID_EMAIL":
		case "INVALID_EMAIL_OR_PASSWORD":
		case "PASSWORD_TOO_LONG":
			throw new GlassworksError("sign_in_failed", "Address or password is wrong.");
		default:
			throw error;
	}
}

function refuseLink(error: unknown): never {
	if (codeOf(error) !== null) throw linkInvalid();
	throw error;
}
