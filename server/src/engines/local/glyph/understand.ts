import type { Concepts } from "./concepts.ts";
import {
	type ColorWord,
	findColor,
	firstColoredThing,
	hasWord,
	isPaintable,
	normalise,
	withoutPictureWords,
	withoutWord,
} from "./phrase.ts";
import { type DrawnStyle, drawnStyles } from "./styles.ts";

/** What a prompt came down to for a network that knows a fixed list of things. */
export interface Understanding {
	/** The nearest thing it can draw. */
	readonly understoodAs: string;
	/** Likeness of prompt and thing: 1 for an exact name, below 0.45 a guess. */
	readonly score: number;
	/** Whether the colour asked for is drawn; null when none was asked for, or at low confidence, when nobody can tell. */
	readonly colorApplied: boolean | null;
	/** The text that steers the network: `understoodAs` with its colour, or the prompt itself at low confidence. */
	readonly canonical: string;
	readonly lowConfidence: boolean;
}

/** Below this likeness the nearest thing is a guess: 74 of 75 descriptions of things it knows lie above, 17 of 20 abstract phrases below. */
const confidentScore = 0.45;
/** How much better the phrase without its colour must fit before a concept with that colour in its name is dropped. */
const colorlessMargin = 0.05;

interface Match {
	readonly index: number;
	readonly score: number;
}

export type Embed = (text: string) => Promise<Float32Array>;

async function match(phrase: string, concepts: Concepts, embed: Embed): Promise<Match> {
	// Nothing that this English list could know, such as "!!!": any answer is a guess.
	if (phrase === "") return { index: 0, score: 0 };
	const exact = concepts.indexByPhrase.get(phrase);
	return exact === undefined ? concepts.nearest(await embed(phrase)) : { index: exact, score: 1 };
}

interface Colored {
	readonly canonical: string;
	readonly understoodAs: string;
	readonly applied: boolean;
}

/** The concept in the asked colour, if the network was trained on that. */
function paint(index: number, color: string, style: DrawnStyle, concepts: Concepts): Colored {
	const name = concepts.names[index] ?? "";
	if (hasWord(name, color)) return { canonical: name, understoodAs: name, applied: true };
	const ownColor = findColor(name);
	const named = `${color} ${ownColor ? withoutWord(name, ownColor.word) : name}`;
	if (concepts.indexByPhrase.has(named)) return { canonical: named, understoodAs: named, applied: true };
	const natural = concepts.naturalColors[index];
	if (!natural || ownColor || !isPaintable(color)) return { canonical: name, understoodAs: name, applied: false };
	const main = natural[drawnStyles.indexOf(style)] ?? natural.find((each) => each !== null);
	return { canonical: main === color ? name : `${color} ${name}`, understoodAs: name, applied: true };
}

/** Reads a phrase with a colour in it, both as a whole ("green salad") and as a thing in that colour ("green" + "car"). */
async function understandColored(
	phrase: string,
	{ color, word }: ColorWord,
	style: DrawnStyle,
	concepts: Concepts,
	embed: Embed,
): Promise<Colored & { score: number }> {
	const whole = await match(color === word ? phrase : phrase.replace(word, color), concepts, embed);
	const wholeName = concepts.names[whole.index] ?? "";
	const bare = withoutWord(phrase, word);
	if (bare === "" || (whole.score === 1 && hasWord(wholeName, color))) {
		return { ...paint(whole.index, color, style, concepts), score: whole.score };
	}
	const thing = await match(bare, concepts, embed);
	const painted = paint(thing.index, color, style, concepts);
	// "Brown dog" is no brown heart, though a dog cannot be brown.
	const sharesMore = bare.split(" ").some((each) => hasWord(withoutWord(wholeName, color), each));
	const thingFits = thing.score > whole.score + colorlessMargin && (painted.applied || !sharesMore);
	const wholeFits = hasWord(wholeName, color) && !thingFits;
	return wholeFits
		? { canonical: wholeName, understoodAs: wholeName, applied: true, score: whole.score }
		: { ...painted, score: thing.score };
}

/** Finds the thing (and colour) a prompt means among those the network can draw. */
export async function understand(prompt: string, style: DrawnStyle, concepts: Concepts, embed: Embed): Promise<Understanding> {
	const full = normalise(prompt);
	const phrase = concepts.indexByPhrase.has(full) ? full : firstColoredThing(withoutPictureWords(full));
	const color = findColor(phrase);
	const found = color ? await understandColored(phrase, color, style, concepts, embed) : await understandPlain(phrase, concepts, embed);
	const lowConfidence = found.score < confidentScore;
	return {
		understoodAs: found.understoodAs,
		score: found.score,
		colorApplied: color && !lowConfidence ? found.applied : null,
		canonical: lowConfidence ? prompt : found.canonical,
		lowConfidence,
	};
}

async function understandPlain(phrase: string, concepts: Concepts, embed: Embed): Promise<Colored & { score: number }> {
	const { index, score } = await match(phrase, concepts, embed);
	const name = concepts.names[index] ?? "";
	return { canonical: name, understoodAs: name, applied: false, score };
}
