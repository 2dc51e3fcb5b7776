import { GlassworksError } from "../../domain/errors.ts";

/** As the triggers of migration 0012 raise it. */
const blobGone = "GW001";

/** Refers to stored pictures. One that was removed since it was looked up is told as what it is. @throws {GlassworksError} picture_deleted */
export async function namingBlobs<T>(work: () => Promise<T>, otherwise = pictureGone): Promise<T> {
	try {
		return await work();
	} catch (error) {
		throw (error as { code?: unknown }).code === blobGone ? otherwise() : error;
	}
}

const pictureGone = () => new GlassworksError("picture_deleted", "A picture that the request names was just deleted.");

/** For pictures that were just stored, and whose same content was removed meanwhile: storing them again helps. */
export const storeAgain = () =>
	new GlassworksError("unavailable", "The same picture was just being removed. Try again.", { retry_after_s: 1 });
