import { GlassworksError } from "../errors.ts";
import type { Picture, PictureGate, PictureLimits } from "../ports.ts";

/** Drawing it took longer than this: a gate without room is asked again before the picture is given up. */
const patienceMs = 30_000;

interface Made {
	bytes: Uint8Array;
	limits: PictureLimits;
	signal: AbortSignal;
	/** The failure when it is no picture that can be read. */
	broken: GlassworksError;
}

/**
 * Reads what an engine made like a stranger's upload.
 * @throws {GlassworksError} `broken`, with its cause; `unavailable` when the gate has no room for it: worth another attempt
 */
export async function admitMade(pictures: Pick<PictureGate, "admit">, { bytes, limits, signal, broken }: Made): Promise<Picture> {
	const until = Date.now() + patienceMs;
	for (let waitMs = 50; ; waitMs = Math.min(2_000, waitMs * 2)) {
		try {
			return await pictures.admit(bytes, limits);
		} catch (error) {
			const isBusy = error instanceof GlassworksError && error.code === "unavailable";
			if (!isBusy) throw withCause(broken, error);
			if (signal.aborted || Date.now() + waitMs > until) throw error;
			await new Promise((resolve) => setTimeout(resolve, waitMs));
		}
	}
}

function withCause(error: GlassworksError, cause: unknown): GlassworksError {
	error.cause = cause;
	return error;
}
