import type { Transport } from "../http/transport.ts";
import type { Session } from "../types.ts";

interface Signalled {
	signal?: AbortSignal;
}

/** For browsers: people who sign up and in. `session.delete` signs out. No answer tells whether an address is known. */
export function people(transport: Transport) {
	const post = async <T>(path: string, json: object, { signal }: Signalled = {}): Promise<T> =>
		transport.json<T>(`/api/v1/people/${path}`, { method: "POST", json, signal });

	return {
		/** Where the server lets anybody in: mails a link that verifies the address. @throws {GlassworksApiError} sign_up_closed */
		signUp: async (person: { email: string; name: string; password: string }, options?: Signalled): Promise<void> => {
			await post("sign-up", person, options);
		},
		/** Sets a cookie that no script reads; `invitation` is accepted too. @throws {GlassworksApiError} sign_in_failed, address_not_verified */
		signIn: (person: { email: string; password: string; invitation?: string }, options?: Signalled): Promise<Session> =>
			post<Session>("sign-in", person, options),
		/** `token` is what follows # in the mailed link. @throws {GlassworksApiError} link_invalid */
		verify: (token: string, options?: Signalled): Promise<void> => post("verify", { token }, options),
		/** Mails that link again. */
		resendVerification: async (email: string, options?: Signalled): Promise<void> => {
			await post("verify/resend", { email }, options);
		},
		/** Mails a link to choose a new password. */
		forgot: async (email: string, options?: Signalled): Promise<void> => {
			await post("forgot", { email }, options);
		},
		/** `token` is what follows # in the mailed link. Ends every session. @throws {GlassworksApiError} link_invalid */
		reset: (request: { token: string; password: string }, options?: Signalled): Promise<void> => post("reset", request, options),
		/** Ends every other session. @throws {GlassworksApiError} sign_in_failed */
		changePassword: (request: { current: string; password: string }, options?: Signalled): Promise<void> =>
			post("password", request, options),
	};
}
