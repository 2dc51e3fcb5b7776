import type { Transport } from "../http/transport.ts";
import type { ApiKey, ApiKeyPage, ChangeApiKey, CreateApiKey, CreatedApiKey } from "../types.ts";
import { iteratePages } from "./iteratePages.ts";

interface Signalled {
	signal?: AbortSignal;
}
interface OfTenant extends Signalled {
	/** Id of another account, for operators. Default: your own. */
	tenant?: string;
}
export interface ListKeysOptions extends OfTenant {
	/** Per page, 1 to 100. Default: the server's, 20. */
	limit?: number;
	/** `next` of the page before. */
	before?: string;
}

/** Keys of an account; for who may manage it. */
export function keys(transport: Transport) {
	const pathOf = (id: string, below = "") => `/api/v1/keys/${encodeURIComponent(id)}${below}`;
	const list = ({ signal, ...query }: ListKeysOptions = {}): Promise<ApiKeyPage> =>
		transport.json<ApiKeyPage>("/api/v1/keys", { query: { ...query }, signal });
	// A secret is shown once: sending again would make another key.
	const once = { method: "POST", maxRetries: 0 } as const;

	return {
		/** One page, newest first, without secrets. */
		list,
		/** Every key, page by page as they are consumed. */
		iterate: (options: Omit<ListKeysOptions, "before"> = {}): AsyncGenerator<ApiKey, void, undefined> =>
			iteratePages((before) => list({ ...options, before })),
		/** @throws {GlassworksApiError} not_found */
		get: (id: string, { signal, ...query }: OfTenant = {}): Promise<ApiKey> => transport.json<ApiKey>(pathOf(id), { query, signal }),
		/** The secret is in the answer and nowhere else. Not sent again when no answer came. @throws {GlassworksApiError} forbidden */
		create: (key: CreateApiKey, { signal, ...query }: OfTenant = {}): Promise<CreatedApiKey> =>
			transport.json<CreatedApiKey>("/api/v1/keys", { ...once, json: key, query, signal }),
		/** Its name, or caps: those named are set, null ends one. @throws {GlassworksApiError} not_found, forbidden */
		change: (id: string, change: ChangeApiKey, { signal, ...query }: OfTenant = {}): Promise<ApiKey> =>
			transport.json<ApiKey>(pathOf(id), { method: "PATCH", json: change, query, signal }),
		/** A new secret for a key; the old one works for `overlap_s` seconds more. @throws {GlassworksApiError} key_not_usable */
		rotate: (id: string, { overlap_s = 0, signal, ...query }: OfTenant & { overlap_s?: number } = {}): Promise<CreatedApiKey> =>
			transport.json<CreatedApiKey>(pathOf(id, "/rotate"), { ...once, json: { overlap_s }, query, signal }),
		/** It stops working at once. @throws {GlassworksApiError} not_found */
		revoke: async (id: string, { signal, ...query }: OfTenant = {}): Promise<void> => {
			await transport.json<undefined>(pathOf(id, "/revoke"), { method: "POST", query, signal });
		},
	};
}
