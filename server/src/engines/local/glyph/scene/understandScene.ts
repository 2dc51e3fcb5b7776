import type { JsonObject } from "../../../../domain/json.ts";
import type { Concepts } from "../concepts.ts";
import { findColor, hasWord } from "../phrase.ts";
import type { DrawnStyle } from "../styles.ts";
import { type Embed, type Understanding, understand } from "../understand.ts";
import { type Background, isNamed, type NamedThing, readScene } from "./readScene.ts";
import type { Relation } from "./words.ts";

/** A thing of a scene and what the network takes it for. */
export interface SceneItem extends NamedThing {
	readonly understood: Understanding;
}

/** A prompt of which every part can be drawn. */
export interface Scene {
	readonly items: readonly SceneItem[];
	/** How each item but the last lies to the next. */
	readonly relations: readonly Relation[];
	readonly background: Background | null;
}

/**
 * Reads a prompt as a scene; null when it is none, or when a part of it is not surely a thing. Where words between the parts could mean
 * something else ("a tool with teeth", "the largest animal in the ocean"), a part must be the very name of a thing.
 */
export async function understandScene(prompt: string, style: DrawnStyle, concepts: Concepts, embed: Embed): Promise<Scene | null> {
	const sketch = readScene(prompt, concepts.indexByPhrase);
	if (!sketch) return null;
	const plain = sketch.plainlySaid.length > 0 && sketch.plainlySaid.every((each) => each);
	if (!plain && !sketch.things.every(({ phrase }) => isNamed(phrase, (name) => concepts.indexByPhrase.has(name)))) return null;
	const items: SceneItem[] = [];
	for (const thing of sketch.things) items.push({ ...thing, understood: await understand(thing.phrase, style, concepts, embed) });
	if (items.some(({ understood }) => understood.lowConfidence)) return null;
	return { items, relations: sketch.relations, background: sketch.background };
}

const words: Readonly<Record<Relation, string>> = {
	...{ beside: "beside", left: "left of", right: "right of", on: "on", above: "above", below: "below", behind: "behind" },
	before: "in front of",
};

function nameItem({ phrase, count, size, understood: { understoodAs, colorApplied } }: SceneItem): string {
	const sized = size === 1 ? "" : size < 1 ? "small " : "large ";
	const color = colorApplied ? findColor(phrase)?.color : undefined;
	const named = color && !hasWord(understoodAs, color) ? `${color} ${understoodAs}` : understoodAs;
	return `${count === 1 ? "" : `${count} × `}${sized}${named}`;
}

function nameBackground(background: Background): string {
	if (background.kind === "landscape") return `${background.ground}, ${background.sky} sky`;
	return `${background.color} ${background.kind === "gradient" ? "gradient" : "background"}`;
}

/** What the answer says of a scene: as of a single thing, with each of its things by itself. */
export function describeScene({ items, relations, background }: Scene): JsonObject {
	const named = items
		.map((item, at) => `${nameItem(item)}${at < relations.length ? ` ${words[relations[at] ?? "beside"]} ` : ""}`)
		.join("");
	const asked = items.map(({ understood }) => understood.colorApplied).filter((applied) => applied !== null);
	return {
		understood_as: background ? `${named} (${nameBackground(background)})` : named,
		understood_score: Number(Math.min(...items.map(({ understood }) => understood.score)).toFixed(3)),
		color_applied: asked.length === 0 ? null : asked.every((applied) => applied),
		low_confidence: false,
		scene: {
			things: items.map(({ count, size, understood }) => ({
				...{ thing: understood.understoodAs, count, size },
				...{ score: Number(understood.score.toFixed(3)), color_applied: understood.colorApplied },
			})),
			relations: [...relations],
			background: background && { ...background },
		},
	};
}
