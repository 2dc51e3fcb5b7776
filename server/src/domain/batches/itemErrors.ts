import { type FieldError, GlassworksError } from "../errors.ts";

/** An item that cannot be accepted. */
export interface RefusedItem {
	index: number;
	error: GlassworksError;
}

/** So many are told one by one. */
export const toldItems = 50;

/**
 * One refusal for all items that are wrong: `errors` names fields of the first of them, `refused_items` counts all.
 * `pathOf`: where the caller wrote the item.
 */
export function refuseItems(refused: readonly RefusedItem[], pathOf: (index: number) => FieldError["path"] = itemPath): GlassworksError {
	const told = refused.slice(0, toldItems);
	const fields = told.flatMap(({ index, error }) => {
		const prefix = pathOf(index);
		if (error.fields.length === 0) return [{ path: prefix, message: error.message }];
		return error.fields.map(({ path, message }) => ({ path: [...prefix, ...path], message }));
	});
	const [first] = refused;
	const example = first ? `, such as ${pathOf(first.index).join(".")}: ${first.error.message}` : "";
	const more = refused.length > told.length ? ` \`errors\` names the first ${told.length}.` : "";
	const count = refused.length === 1 ? "1 item cannot be accepted" : `${refused.length} items cannot be accepted`;
	return new GlassworksError(
		first?.error.code ?? "invalid_request",
		`${count}${example}${more}`,
		{ ...first?.error.data, refused_items: refused.length },
		fields,
	);
}

const itemPath = (index: number): FieldError["path"] => ["items", index];
