import type { BetterAuthOptions } from "better-auth";
import { longestPassword, shortestPassword } from "../domain/people/passwordRules.ts";
import type { NewId } from "../domain/ports.ts";
import type { Passwords } from "./passwords.ts";

/** What better-auth tells of a person when mail is due. */
interface MailDue {
	user: { email: string; name: string };
	token: string;
}

export interface AuthParts {
	/** As a pg.Pool. */
	pool: object;
	secret: string;
	newId: NewId;
	passwords: Passwords;
	sessionTtlMs: number;
	sendVerification(due: MailDue): Promise<void>;
	sendReset(due: MailDue): Promise<void>;
	/** Somebody signs up with the address of a person there is. */
	sendKnown(due: Pick<MailDue, "user">): Promise<void>;
	onError(message: string): void;
}

const idPrefixes: Record<string, string> = { user: "usr", session: "ses", account: "crd", verification: "vrf" };

/** better-auth on our tables (migration 0008). It is called, never reached: its own routes are not served. */
export function authOptions(parts: AuthParts) {
	return {
		database: parts.pool as BetterAuthOptions["database"],
		secret: parts.secret,
		// Never shown: mails hold addresses of ours.
		baseURL: "http://glassworks.invalid",
		telemetry: { enabled: false },
		// Its messages may hold addresses of people.
		logger: { level: "error", log: (level, message) => level === "error" && parts.onError(message) },
		rateLimit: { enabled: false },
		advanced: {
			database: { generateId: ({ model }) => parts.newId(idPrefixes[model] ?? model) },
			// Nobody waits for a mail server, so that how long an answer takes says nothing.
			backgroundTasks: { handler: (task) => void task.catch(() => parts.onError("mail could not be sent")) },
		},
		emailAndPassword: {
			enabled: true,
			requireEmailVerification: true,
			minPasswordLength: shortestPassword,
			maxPasswordLength: 4 * longestPassword,
			password: parts.passwords,
			revokeSessionsOnPasswordReset: true,
			resetPasswordTokenExpiresIn: 3_600,
			sendResetPassword: parts.sendReset,
			onExistingUserSignUp: parts.sendKnown,
		},
		emailVerification: { sendVerificationEmail: parts.sendVerification, sendOnSignUp: true, expiresIn: 86_400 },
		verification: { modelName: "verifications", storeIdentifier: "hashed", fields: { ...times, expiresAt: "expires_at" } },
		user: { modelName: "people", fields: { ...times, emailVerified: "email_verified" } },
		account: {
			modelName: "credentials",
			fields: {
				...times,
				accountId: "account_id",
				providerId: "provider_id",
				userId: "user_id",
				accessToken: "access_token",
				refreshToken: "refresh_token",
				idToken: "id_token",
				accessTokenExpiresAt: "access_token_expires_at",
				refreshTokenExpiresAt: "refresh_token_expires_at",
			},
		},
		session: {
			modelName: "sessions",
			expiresIn: Math.floor(parts.sessionTtlMs / 1_000),
			fields: {
				...times,
				token: "token_hash",
				userId: "user_id",
				expiresAt: "expires_at",
				ipAddress: "ip_address",
				userAgent: "user_agent",
			},
		},
	} satisfies BetterAuthOptions;
}

const times = { createdAt: "created_at", updatedAt: "updated_at" } as const;
