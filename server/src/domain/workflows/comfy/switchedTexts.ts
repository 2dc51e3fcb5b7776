import { coreNodeClasses, names } from "./coreNodeClasses.ts";
import { inputAt, linkOf, nodeAt } from "./graphLinks.ts";
import { type Judged, placeOf, switchClass, switchSides, unwrap } from "./graphPolicy.ts";

const textHolders = new Set(names`PrimitiveString PrimitiveStringMultiline`);
const plainFields = ["integer", "number", "seed", "boolean", "picture"];

/**
 * Whether an input may get a text out of a switch. ComfyUI knows no type of what a switch hands on, so a text reaches inputs that take none by a
 * link: choices, and with them names of files. What nodes of others hand on may be one.
 */
export function mayGetSwitchedText(judged: Judged, value: unknown): boolean {
	const seen = new Set<string>();
	const leads = (link: unknown): string[] => {
		const [from] = linkOf(link) ?? [];
		return from !== undefined && nodeAt(judged.graph, from)?.class_type === switchClass ? [from] : [];
	};
	const open = leads(value);
	for (let id = open.pop(); id !== undefined; id = open.pop()) {
		const node = nodeAt(judged.graph, id);
		if (!node || seen.has(id)) continue;
		seen.add(id);
		for (const side of switchSides) {
			const field = judged.exposed.get(placeOf(id, side));
			if (field ? !plainFields.includes(field.type) : isTextAt(judged, inputAt(node, side))) return true;
			open.push(...leads(inputAt(node, side)));
		}
	}
	return false;
}

function isTextAt({ graph }: Judged, value: unknown): boolean {
	const link = linkOf(value);
	if (!link) return value !== undefined && !["number", "boolean"].includes(typeof unwrap(value));
	const source = nodeAt(graph, link[0])?.class_type ?? "";
	return textHolders.has(source) || !coreNodeClasses.has(source);
}
