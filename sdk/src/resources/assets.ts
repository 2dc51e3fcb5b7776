import type { Transport } from "../http/transport.ts";
import type { Asset, Deletion } from "../types.ts";

export function assets(transport: Transport) {
	return {
		/** An upload's size and a fresh link to its bytes. @throws {GlassworksApiError} not_found, picture_deleted */
		get: (id: string, { signal }: { signal?: AbortSignal } = {}): Promise<Asset> =>
			transport.json<Asset>(`/api/v1/assets/${encodeURIComponent(id)}`, { signal }),
		/** Deletes an upload, at once and for good. Jobs that were given it keep their copy. */
		delete: (id: string, { signal }: { signal?: AbortSignal } = {}): Promise<Deletion> =>
			transport.json<Deletion>(`/api/v1/assets/${encodeURIComponent(id)}`, { method: "DELETE", signal }),
		/** Uploads a picture to start from. The server checks, orients and strips it. @throws {GlassworksApiError} picture_* */
		upload(picture: Blob | Uint8Array<ArrayBuffer>, { signal }: { signal?: AbortSignal } = {}): Promise<Asset> {
			const mediaType = picture instanceof Blob ? picture.type : "";
			return transport.json<Asset>("/api/v1/assets", {
				method: "POST",
				body: picture,
				headers: { "content-type": mediaType || "application/octet-stream" },
				signal,
			});
		},
	};
}
