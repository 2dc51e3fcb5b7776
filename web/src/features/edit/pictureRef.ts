import type { CreateEdit } from "@glassworks/sdk";

/** A picture on the server: one that a job made, or an upload. */
export type PictureRef = { kind: "job"; id: string; n: number } | { kind: "asset"; id: string };

/** From the page's address: `?picture=<job>.<n>` or `?asset=<id>`; null: neither. */
export function readRef(search: URLSearchParams): PictureRef | null {
	const asset = search.get("asset");
	if (asset) return { kind: "asset", id: asset };
	const [, id, n] = /^(.+)\.(\d+)$/.exec(search.get("picture") ?? "") ?? [];
	return id === undefined ? null : { kind: "job", id, n: Number(n) };
}

export function addressOf(ref: PictureRef): string {
	return ref.kind === "asset" ? `/edit?asset=${encodeURIComponent(ref.id)}` : `/edit?picture=${encodeURIComponent(ref.id)}.${ref.n}`;
}

export const keyOf = (ref: PictureRef): string => (ref.kind === "asset" ? ref.id : `${ref.id}.${ref.n}`);

export function toInput(ref: PictureRef): CreateEdit["image"] {
	return ref.kind === "asset" ? { asset_id: ref.id } : { job_id: ref.id, n: ref.n };
}
