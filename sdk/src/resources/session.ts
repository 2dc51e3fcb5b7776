import type { Transport } from "../http/transport.ts";
import type { Session } from "../types.ts";

/** For browsers: a key is exchanged once for an HttpOnly cookie and never kept by a page. */
export function session(transport: Transport) {
	return {
		/** Who the key or cookie belongs to. @throws {GlassworksApiError} unauthenticated */
		get: ({ signal }: { signal?: AbortSignal } = {}): Promise<Session> => transport.json<Session>("/api/v1/session", { signal }),
		/** Signs in. @throws {GlassworksApiError} unauthenticated */
		create: (key: string, { signal }: { signal?: AbortSignal } = {}): Promise<Session> =>
			transport.json<Session>("/api/v1/session", { method: "POST", json: { key }, signal }),
		/** Signs out. */
		delete: async ({ signal }: { signal?: AbortSignal } = {}): Promise<void> => {
			await transport.json<undefined>("/api/v1/session", { method: "DELETE", signal });
		},
	};
}
