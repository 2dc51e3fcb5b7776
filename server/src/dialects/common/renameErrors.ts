import { type FieldError, GlassworksError } from "../../domain/errors.ts";

/** The same error with its fields named as the client named them, in its message too. */
export function renameErrors(error: GlassworksError, names: Readonly<Record<string, string>>): GlassworksError {
	if (error.fields.length === 0) return error;
	const rename = ([first, ...rest]: FieldError["path"]): FieldError["path"] =>
		first === "inputs" && rest.length > 0 ? rename(rest) : first === undefined ? [] : [names[String(first)] ?? first, ...rest];
	const fields = error.fields.map(({ path, message }) => ({ path: rename(path), message }));
	return new GlassworksError(error.code, detailOf(error, fields), error.data, fields);
}

/** Messages of several fields are made of theirs; others begin with the field's name, if at all. */
function detailOf({ code, message, fields: old }: GlassworksError, fields: FieldError[]): string {
	if (code === "invalid_request") return `${fields.map((field) => `${field.path.join(".")}: ${field.message}`).join("; ")}.`;
	const before = `${old[0]?.path.join(".")}: `;
	return message.startsWith(before) ? `${fields[0]?.path.join(".")}: ${message.slice(before.length)}` : message;
}
