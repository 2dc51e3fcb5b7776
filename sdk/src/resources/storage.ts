import type { Transport } from "../http/transport.ts";
import type { StorageUsage, Sweep } from "../types.ts";

interface Signalled {
	signal?: AbortSignal;
}

/** What is stored. */
export function storage(transport: Transport) {
	return {
		/** Everything the account owns, as a ZIP that is read while the server makes it. For keys that may manage. */
		async export({ signal }: Signalled = {}): Promise<ReadableStream<Uint8Array>> {
			const { body } = await transport.send("/api/v1/export.zip", { headers: { accept: "application/zip" }, signal });
			if (!body) throw new TypeError("The answer has no body.");
			return body;
		},
		/** For keys that may operate: how much is stored, by account. */
		usage: ({ signal }: Signalled = {}): Promise<StorageUsage> => transport.json<StorageUsage>("/api/v1/storage", { signal }),
		/** For keys that may operate: removes now what nobody needs any more. */
		sweep: ({ signal }: Signalled = {}): Promise<Sweep> => transport.json<Sweep>("/api/v1/storage/sweep", { method: "POST", signal }),
	};
}
