import type { Transport } from "../http/transport.ts";
import type { Board } from "../types.ts";

interface Signalled {
	signal?: AbortSignal;
}

export function boards(transport: Transport) {
	const pathOf = (id: string) => `/api/v1/boards/${encodeURIComponent(id)}`;
	return {
		/** All of them, by name. */
		list: async ({ signal }: Signalled = {}): Promise<Board[]> =>
			(await transport.json<{ data: Board[] }>("/api/v1/boards", { signal })).data,
		/** An empty one. Not repeated by itself: each call makes another. @throws {GlassworksApiError} board_limit */
		create: (name: string, { signal }: Signalled = {}): Promise<Board> =>
			transport.json<Board>("/api/v1/boards", { method: "POST", json: { name }, signal, maxRetries: 0 }),
		rename: (id: string, name: string, { signal }: Signalled = {}): Promise<Board> =>
			transport.json<Board>(pathOf(id), { method: "PATCH", json: { name }, signal }),
		/** Its pictures stay. */
		delete: async (id: string, { signal }: Signalled = {}): Promise<void> => {
			await transport.send(pathOf(id), { method: "DELETE", signal });
		},
	};
}
