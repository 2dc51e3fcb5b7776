import { GlassworksError } from "../domain/errors.ts";

/** The file is not a checkpoint we read: damaged, of another kind, or with more in it than tensors. */
export function checkpointError(reason: "unsafe" | "damaged" | "unsupported", message: string): GlassworksError {
	return new GlassworksError("engine_invalid", message, { reason: `checkpoint_${reason}` });
}
