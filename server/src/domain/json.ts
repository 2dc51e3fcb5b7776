/** A value that survives a round trip through JSON. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Undefined: the text is no JSON. */
export function parseJson(text: string): Json | undefined {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

export function isJsonObject(value: unknown): value is JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value when it is an object, else an empty one: what others send is read, never trusted. */
export function asObject(value: unknown): JsonObject {
	return isJsonObject(value) ? value : {};
}

export function asArray(value: Json | undefined): Json[] {
	return Array.isArray(value) ? value : [];
}

export function asText(value: Json | undefined): string | null {
	return typeof value === "string" ? value : null;
}

export function asNumber(value: Json | undefined): number | null {
	return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** JSON in which the order of fields says nothing. For values that were checked: it recurses. */
export function canonicalJson(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
	if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
	const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
	return `{${entries.map(([key, child]) => `${JSON.stringify(key)}:${canonicalJson(child)}`).join(",")}}`;
}
