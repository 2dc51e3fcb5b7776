import type { Json, JsonObject } from "../../domain/json.ts";

/** The value when it is an object, else an empty one: what a server sends is read, never trusted. */
export function asObject(value: Json | undefined): JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
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
