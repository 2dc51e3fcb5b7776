/** Bytes `start` to `end`, both included. */
export interface ByteRange {
	start: number;
	end: number;
}

/**
 * What of `size` bytes a Range header asks for. `whole` also answers several ranges and headers that make no sense, as RFC 9110 allows.
 */
export function readRange(header: string | undefined, size: number): ByteRange | "whole" | "unsatisfiable" {
	const match = header === undefined ? null : /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header);
	if (!match) return "whole";
	const [, first = "", last = ""] = match;
	if (first === "" && last === "") return "whole";
	if (first === "") {
		const length = Math.min(Number(last), size);
		return length === 0 ? "unsatisfiable" : { start: size - length, end: size - 1 };
	}
	const start = Number(first);
	if (last !== "" && Number(last) < start) return "whole";
	if (start >= size) return "unsatisfiable";
	return { start, end: last === "" ? size - 1 : Math.min(Number(last), size - 1) };
}

/** Whether an If-None-Match header names this entity tag (weak comparison). */
export function matchesEtag(header: string | undefined, etag: string): boolean {
	if (header === undefined) return false;
	return header.split(",").some((entry) => entry.trim() === "*" || entry.trim().replace(/^W\//, "") === etag);
}
