import { type FieldError, GlassworksError } from "../domain/errors.ts";

type Path = FieldError["path"];

/** Has a refusal name its fields as the wire does. @throws what `work` throws */
export async function renameFields<T>(work: () => Promise<T>, rename: (path: Path, error: GlassworksError) => Path): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof GlassworksError) || error.fields.length === 0) throw error;
		const fields = error.fields.map(({ path, message }) => ({ path: rename(path, error), message }));
		throw new GlassworksError(error.code, error.message, error.data, fields);
	}
}
