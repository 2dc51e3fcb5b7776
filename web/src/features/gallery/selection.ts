/** Chosen pictures by key, and where a range begins. */
export interface Selection {
	keys: ReadonlySet<string>;
	anchor: string | null;
}
export const nothing: Selection = { keys: new Set(), anchor: null };

export function toggle({ keys }: Selection, key: string): Selection {
	const next = new Set(keys);
	if (!next.delete(key)) next.add(key);
	return { keys: next, anchor: key };
}

/** Everything from the last one that was chosen to this one, added. */
export function extend(selection: Selection, key: string, order: readonly string[]): Selection {
	const [from, to] = [order.indexOf(selection.anchor ?? key), order.indexOf(key)];
	if (from < 0 || to < 0) return toggle(selection, key);
	const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
	return { keys: new Set([...selection.keys, ...range]), anchor: selection.anchor ?? key };
}

/** Without what is no longer there. */
export function restrict(selection: Selection, order: readonly string[]): Selection {
	const kept = order.filter((key) => selection.keys.has(key));
	return kept.length === selection.keys.size ? selection : { ...selection, keys: new Set(kept) };
}
