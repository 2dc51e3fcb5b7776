import type { Json } from "@glassworks/sdk";
import { fieldKind } from "./fields.ts";

/** One field of a matrix with its values as they are written. */
export interface Axis {
	field: string;
	values: string;
}

/** Longer ranges are taken for text: they are a slip more often than a wish. */
const longestRange = 1_000;

/** The values of an axis: one a line, short ones also with commas between, whole numbers also as `1-5`. What is no number stays text: the server says so. */
export function axisValues({ field, values }: Axis): Json[] {
	const kind = fieldKind(field);
	const parts = values
		.split(kind === "text" ? /\n/ : /[\n,;]/)
		.map((part) => part.trim())
		.filter((part) => part !== "");
	if (kind === "integer") return parts.flatMap(range);
	if (kind === "number") return parts.map(asNumber);
	if (kind === "boolean")
		return parts.map((part) => (/^(true|yes|on|1)$/i.test(part) ? true : /^(false|no|off|0)$/i.test(part) ? false : part));
	return kind === "picture" ? parts.map((url) => ({ url })) : parts;
}

function range(part: string): Json[] {
	const [, from, to] = /^(\d+)\s*-\s*(\d+)$/.exec(part) ?? [];
	const length = Number(to) - Number(from) + 1;
	if (from === undefined || length < 1 || length > longestRange) return [asNumber(part)];
	return Array.from({ length }, (_, at) => Number(from) + at);
}

const asNumber = (part: string): Json => (Number.isFinite(Number(part)) ? Number(part) : part);
