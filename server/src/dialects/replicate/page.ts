import type { Door } from "../../contract/door.ts";

export const pageSize = 100;
export type Listed = { Querystring: { cursor?: string } };

/** A page of a list; `next` is the address of the page behind it, which clients follow. */
export function presentPage<T>(door: Door, path: string, results: readonly T[], next: string | null = null) {
	const address = next === null ? null : `${door.publicUrl()}/replicate/v1/${path}?cursor=${encodeURIComponent(next)}`;
	return { previous: null, next: address, results };
}
