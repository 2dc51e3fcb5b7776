/** Lower case, without accents, articles and punctuation: the form in which names and aliases are compared. */
export function normalise(text: string): string {
	return text
		.normalize("NFKD")
		.replace(/\p{Mn}/gu, "")
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, " ")
		.replace(/\b(?:an?|the)\b/g, " ")
		.replace(/ +/g, " ")
		.trim();
}

const pictureWords =
	/\b(?:picture|drawing|image|icon|illustration|photo|sketch|clip ?art|emoji)s?(?: of)?\b|\b(?:in )?(?:flat|cartoon|3d)(?: style)?\b|\bdraw\b/g;

/** The phrase without words about the picture rather than the thing: "3d drawing of cat" is "cat". Unchanged if nothing else is left. */
export function withoutPictureWords(phrase: string): string {
	const rest = phrase.replace(pictureWords, " ").replace(/ +/g, " ").trim();
	return rest === "" ? phrase : rest;
}

/** The colours that any object with one main colour was trained in. */
const hues = ["red", "orange", "yellow", "green", "blue", "purple", "pink"];
const hueBySynonym: Readonly<Record<string, string>> = {
	crimson: "red",
	scarlet: "red",
	emerald: "green",
	azure: "blue",
	navy: "blue",
	violet: "purple",
	magenta: "pink",
};
/** Colours that some concepts carry in their name ("black cat") but that no object can be turned to. */
const nameOnlyColors = ["black", "white", "brown", "grey"];

export interface ColorWord {
	/** As in concept names. */
	readonly color: string;
	/** As in the prompt. */
	readonly word: string;
}

function findColors(phrase: string): ColorWord[] {
	return phrase.split(" ").flatMap((word) => {
		const color = word === "gray" ? "grey" : (hueBySynonym[word] ?? word);
		return hues.includes(color) || nameOnlyColors.includes(color) ? [{ color, word }] : [];
	});
}

/** The first colour word of a normalised phrase, or null. */
export function findColor(phrase: string): ColorWord | null {
	return findColors(phrase)[0] ?? null;
}

const relations = / (?:and|with|beside|next to|near|on|in|under|below|over|above|behind|in front of|left of|right of|by) /;

/**
 * "red car beside blue house" is "red car": the network draws one thing, and the second colour must not end up on the first
 * thing nor the first colour on the second. Phrases with one colour or none stay whole.
 */
export function firstColoredThing(phrase: string): string {
	const parts = phrase.split(relations);
	const colored = findColors(phrase).length > 1 ? parts.find((part) => findColor(part)) : undefined;
	return colored ?? phrase;
}

export function isPaintable(color: string): boolean {
	return hues.includes(color);
}

/** The phrase without one word; empty if that was all. */
export function withoutWord(phrase: string, word: string): string {
	return phrase
		.split(" ")
		.filter((other) => other !== word)
		.join(" ");
}

export function hasWord(phrase: string, word: string): boolean {
	return phrase.split(" ").includes(word);
}
