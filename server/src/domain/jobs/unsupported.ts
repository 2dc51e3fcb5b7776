import { type FieldError, GlassworksError } from "../errors.ts";

/** The refusal of one field, saying what would be right. */
export function unsupported(path: FieldError["path"], message: string): GlassworksError {
	return new GlassworksError("unsupported_by_model", `${path.join(".")}: ${message}.`, {}, [{ path, message }]);
}
