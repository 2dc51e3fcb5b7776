import type { BlobRef } from "../domain/jobs/job.ts";
import type { Thumbnailed } from "../domain/storage/thumbnailStore.ts";
import { pictureDeleted } from "./pictureOf.ts";
import type { HttpPorts } from "./ports.ts";
import { storePicture } from "./readPicture.ts";

/** Sharp where pictures lie side by side, on screens of two pixels to the point too. */
export const thumbnailSidePx = 512;
const webpQuality = 80;

/**
 * The small version of a picture, made when it is first asked for. Two who ask at once make the same bytes, which are stored once; a process killed
 * in between leaves bytes that nothing refers to, which are swept. @throws {GlassworksError} picture_deleted, decode_limit, unavailable
 */
export async function thumbnailOf(
	{ thumbnails, blobs, pictures }: Pick<HttpPorts, "thumbnails" | "blobs" | "pictures">,
	tenantId: string,
	of: Thumbnailed,
	picture: BlobRef,
): Promise<BlobRef> {
	const known = await thumbnails.find(tenantId, of);
	if (known) return known;
	const small = await pictures.encode(await blobs.get(tenantId, picture.sha256), {
		...{ format: "webp", quality: webpQuality, maxSidePx: thumbnailSidePx },
	});
	const thumbnail = await storePicture(blobs, tenantId, small);
	if (await thumbnails.keep(tenantId, of, thumbnail)) return thumbnail;
	throw pictureDeleted("The picture was just deleted.", new Date());
}
