import type { Transport } from "../http/transport.ts";
import type { Account, AccountDeletion, DeleteAccount, Model, Queue, Server, Status } from "../types.ts";

interface Signalled {
	signal?: AbortSignal;
}

export function models(transport: Transport) {
	return {
		/** Every configured model, with what it can do, its price, its measured speed and whether a worker can run it now. */
		list: async ({ signal }: Signalled = {}): Promise<Model[]> =>
			(await transport.json<{ data: Model[] }>("/api/v1/models", { signal })).data,
		/** One of them. @throws {GlassworksApiError} not_found */
		get: (name: string, { signal }: Signalled = {}): Promise<Model> =>
			transport.json<Model>(`/api/v1/models/${encodeURIComponent(name)}`, { signal }),
	};
}

export function queue(transport: Transport) {
	return {
		/** The public picture of the queue: depth by model and plan, workers and what they run, how many are wanted and why. Needs no key. */
		get: ({ signal }: Signalled = {}): Promise<Queue> => transport.json<Queue>("/api/v1/queue", { signal }),
	};
}

export function server(transport: Transport) {
	return {
		/** Its name, look and addresses. Needs no key. */
		get: ({ signal }: Signalled = {}): Promise<Server> => transport.json<Server>("/api/v1/server", { signal }),
	};
}

export function status(transport: Transport) {
	return {
		/** Uptime, incidents, measured waits by plan and how true ETAs came. Needs no key. */
		get: ({ signal }: Signalled = {}): Promise<Status> => transport.json<Status>("/api/v1/status", { signal }),
	};
}

export function account(transport: Transport) {
	return {
		/** The plan, its limits and the credit left. */
		get: ({ signal }: Signalled = {}): Promise<Account> => transport.json<Account>("/api/v1/account", { signal }),
		/** Deletes it for good: for its owner, with their password, or for a key where it has no people. @throws {GlassworksApiError} forbidden, sign_in_failed */
		delete: (confirmation: DeleteAccount, { signal }: Signalled = {}): Promise<AccountDeletion> =>
			transport.json<AccountDeletion>("/api/v1/account", { method: "DELETE", json: confirmation, signal }),
		/** How far a deletion is, by its receipt. Needs no key. @throws {GlassworksApiError} not_found */
		deletion: (receipt: string, { signal }: Signalled = {}): Promise<AccountDeletion> =>
			transport.json<AccountDeletion>(`/api/v1/account-deletions/${encodeURIComponent(receipt)}`, { signal }),
	};
}
