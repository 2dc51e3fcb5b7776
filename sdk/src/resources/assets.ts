import type { Transport } from "../http/transport.ts";
import type { Asset } from "../types.ts";

export function assets(transport: Transport) {
	return {
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
