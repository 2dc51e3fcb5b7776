import { type ColorWord, findColor, normalise, withoutPictureWords } from "../phrase.ts";
import {
	connectors,
	counts,
	decorations,
	type Ground,
	landscapeAdjectives,
	landscapeWords,
	type Relation,
	type Sky,
	sizes,
} from "./words.ts";

export type Background =
	| { readonly kind: "plain" | "gradient"; readonly color: string }
	| { readonly kind: "landscape"; readonly sky: Sky; readonly ground: Ground };

/** A thing as the prompt names it. */
export interface NamedThing {
	/** Normalised, in the singular, with its colour but without number and size. */
	readonly phrase: string;
	/** 1 to 4. */
	readonly count: number;
	/** Relative to other things; 1 when the prompt does not say. */
	readonly size: number;
}

/** A prompt taken apart; whether each thing is known is not its matter. */
export interface SceneSketch {
	readonly things: readonly NamedThing[];
	/** How each thing but the last lies to the next. */
	readonly relations: readonly Relation[];
	/** Whether each relation is said by words that have no other meaning (words.ts). */
	readonly plainlySaid: readonly boolean[];
	/** Null when the prompt names none: white. */
	readonly background: Background | null;
}

/** More would be too small to be seen. */
const maxThings = 6;

type IsKnown = (phrase: string) => boolean;

/** Longest first: "on top of" before "on". */
const alternatives = (words: readonly string[]) => [...words].sort((a, b) => b.length - a.length).join("|");

const connector = new RegExp(` (${alternatives(Object.keys(connectors))}) `);
const landscape = new RegExp(
	`(?: and)?(?: (?:standing|sitting|floating|swimming))? (?:on|in|at|under|below|beneath|against|with|over|during)(?: (?:${landscapeAdjectives.join("|")}))* (${alternatives(Object.keys(landscapeWords))})(?= |$)`,
);
/** The same as one of several parts: "a dog, green grass". */
const landscapePart = new RegExp(
	` and(?: (?:${landscapeAdjectives.join("|")}))* (${alternatives(Object.keys(landscapeWords))})(?= and |$)`,
);
const backdrop = / (?:on|against|with|over|in front of)(?: plain)?((?: [a-z]+)?)( gradient)? (?:background|backdrop)(?= |$)/;

interface Rest {
	readonly rest: string;
	readonly background: Background | null;
}

/** Takes the background's words out of the phrase. */
function readBackground(phrase: string, isKnown: IsKnown): Rest {
	const plain = backdrop.exec(phrase);
	if (plain) {
		const said = plain[1]?.trim() ?? "";
		const color = findColor(said)?.color ?? (said === "" || said === "gradient" ? "blue" : null);
		const kind = plain[2] || said === "gradient" ? "gradient" : "plain";
		if (color) return { rest: phrase.replace(plain[0], ""), background: { kind, color } };
	}
	let rest = phrase;
	let [sky, ground]: [Sky | undefined, Ground | undefined] = [undefined, undefined];
	const next = () => {
		const part = landscapePart.exec(rest);
		return landscape.exec(rest) ?? (isKnown(part?.[1] ?? "") ? null : part);
	};
	for (let found = next(); found; found = next()) {
		const says = landscapeWords[found[1] ?? ""] ?? {};
		[sky, ground] = [sky ?? says.sky, ground ?? says.ground];
		rest = rest.replace(found[0], "");
	}
	const background = sky || ground ? ({ kind: "landscape", sky: sky ?? "day", ground: ground ?? "grass" } as const) : null;
	return { rest, background };
}

const irregular: Readonly<Record<string, string>> = { mice: "mouse", wolves: "wolf", leaves: "leaf", geese: "goose", knives: "knife" };

/** What a word may be the plural of, the likeliest first: "foxes" of "fox", "houses" of "house"; nothing for what is no plural. */
function singulars(word: string): string[] {
	if (irregular[word]) return [irregular[word]];
	if (!/[^s]s$/.test(word)) return [];
	const ends = [...(/[^aeiou]ies$/.test(word) ? ["y"] : []), ...(/(?:x|ch|sh|s|o|z)es$/.test(word) ? [""] : [])];
	return [...ends.map((end) => word.replace(/i?es$/, end)), word.slice(0, -1)];
}

/** The phrase with its last word in the singular, by preference such as is known. */
function inSingular(phrase: string, isKnown: IsKnown): string | null {
	const words = phrase.split(" ");
	const found = singulars(words.at(-1) ?? "").map((last) => [...words.slice(0, -1), last].join(" "));
	return found.find((each) => isNamed(each, isKnown)) ?? found.at(-1) ?? null;
}

function withoutColor(phrase: string, color: ColorWord | null): string {
	return color
		? phrase
				.split(" ")
				.filter((word) => word !== color.word)
				.join(" ")
		: phrase;
}

/** Whether it, or the same without its colour, is the very name of a thing. */
export function isNamed(phrase: string, isKnown: IsKnown): boolean {
	return isKnown(phrase) || isKnown(withoutColor(phrase, findColor(phrase)));
}

/** Null for what names nothing, such as "black" in "black and white bear". */
function readThing(part: string, isKnown: IsKnown): NamedThing | null {
	const words = part.split(" ").filter((word) => word !== "");
	let [count, size] = [0, 1];
	while (words.length > 1 && !isKnown(words.join(" "))) {
		const word = words[0] ?? "";
		if (counts[word]) count = counts[word];
		else if (sizes[word]) size = sizes[word];
		else if (!decorations.has(word)) break;
		words.shift();
	}
	let phrase = words.join(" ");
	const single = inSingular(phrase, isKnown);
	const singleNamed = single !== null && isNamed(single, isKnown);
	// "Houses" is a thing of its own, but two houses are a house twice.
	if (single && (isNamed(phrase, isKnown) ? count > 1 && singleNamed : count > 1 || singleNamed)) {
		phrase = single;
		// "Cars" are more than one; how many is left to us.
		if (count === 0) count = 2;
	}
	const bare = withoutColor(phrase, findColor(phrase));
	return bare === "" ? null : { phrase, count: Math.max(1, count), size };
}

/** Names that contain a connecting word ("bow and arrow") hold together by underscores until the phrase, now behind a space, is split. */
function bindNames(phrase: string, names: Iterable<string>): string {
	let bound = ` ${phrase} `;
	for (const name of names) {
		if (connector.test(name) && bound.includes(` ${name} `)) bound = bound.replace(` ${name} `, ` ${name.replaceAll(" ", "_")} `);
	}
	return bound.trimEnd();
}

/**
 * Takes a prompt apart into things, how they lie to each other, and what is behind them. Null when it is no scene: one thing, and
 * nothing said of how many or where. `names`: normalised names and aliases of the things that can be drawn.
 */
export function readScene(prompt: string, names: ReadonlyMap<string, unknown>): SceneSketch | null {
	const isKnown = (phrase: string) => names.has(phrase);
	const whole = withoutPictureWords(normalise(prompt));
	if (isKnown(whole) || isKnown(normalise(prompt))) return null;
	const phrase = bindNames(withoutPictureWords(normalise(prompt.replaceAll(",", " and "))).replace(/\band and\b/g, "and"), names.keys());
	const { rest, background } = readBackground(phrase, isKnown);
	const pieces = rest.trim().split(connector);
	const things = pieces.filter((_, at) => at % 2 === 0).map((part) => readThing(part.replaceAll("_", " "), isKnown));
	const said = pieces.filter((_, at) => at % 2 === 1).map((word) => connectors[word]);
	const read = things.filter((thing) => thing !== null);
	const total = read.reduce((sum, thing) => sum + thing.count, 0);
	if (read.length < things.length || total > maxThings || (total === 1 && !background)) return null;
	return {
		things: read,
		relations: said.map((each) => each?.relation ?? "beside"),
		plainlySaid: said.map((each) => each?.plain ?? false),
		background,
	};
}
