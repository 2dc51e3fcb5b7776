import type { Transport } from "../http/transport.ts";
import type { Pool } from "../types.ts";

interface Signalled {
	signal?: AbortSignal;
}

/** Pools of workers; for keys that may operate. */
export function pools(transport: Transport) {
	const pathOf = (id: string, below = "") => `/api/v1/pools/${encodeURIComponent(id)}${below}`;
	return {
		list: async ({ signal }: Signalled = {}): Promise<Pool[]> => (await transport.json<{ data: Pool[] }>("/api/v1/pools", { signal })).data,
		/** Nothing more is handed out; what runs goes on. @throws {GlassworksApiError} not_found */
		pause: (id: string, { signal }: Signalled = {}): Promise<Pool> =>
			transport.json<Pool>(pathOf(id, "/pause"), { method: "POST", signal }),
		/** @throws {GlassworksApiError} not_found */
		resume: (id: string, { signal }: Signalled = {}): Promise<Pool> =>
			transport.json<Pool>(pathOf(id, "/resume"), { method: "POST", signal }),
		/** Gives an account a pool of its own in place of `base`. With a name it is safe to repeat. @throws {GlassworksApiError} */
		dedicate: (request: { base: string; tenant: string; name?: string }, { signal }: Signalled = {}): Promise<Pool> =>
			transport.json<Pool>("/api/v1/pools", { method: "POST", json: request, signal }),
		/** Ends a dedicated pool; `move` takes its unfinished steps to the base pool. Returns how many. @throws {GlassworksApiError} */
		release: async (id: string, { move = false, signal }: Signalled & { move?: boolean } = {}): Promise<number> =>
			(await transport.json<{ moved: number }>(pathOf(id), { method: "DELETE", query: { move: String(move) }, signal })).moved,
	};
}
