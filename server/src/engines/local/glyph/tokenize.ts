import { GlassworksError } from "../../../domain/errors.ts";

/** Word pieces and their numbers; a piece that continues a word starts with `##`. */
export interface Vocabulary {
	readonly idByPiece: ReadonlyMap<string, number>;
	readonly unknownId: number;
	readonly startId: number;
	readonly endId: number;
}

/** The text network was trained on texts up to this long; more is cut off. */
const maxTokens = 32;
/** A longer run of letters is no word: it becomes one unknown token. */
const maxWordLength = 100;

/**
 * Reads vocab.txt: one piece a line, its number is the line's.
 * @throws {GlassworksError} `model_missing` when the special pieces are not in it.
 */
export function parseVocabulary(text: string): Vocabulary {
	const idByPiece = new Map<string, number>();
	for (const [id, piece] of text.split("\n").entries()) if (piece !== "") idByPiece.set(piece.replace(/\r$/, ""), id);
	const special = (piece: string) => {
		const id = idByPiece.get(piece);
		if (id === undefined) throw new GlassworksError("model_missing", "vocab.txt is damaged: run `glassworks models verify`.", { piece });
		return id;
	};
	return { idByPiece, unknownId: special("[UNK]"), startId: special("[CLS]"), endId: special("[SEP]") };
}

/** Lower case without accents; what cannot be seen is dropped and CJK characters stand alone. */
function clean(text: string): string {
	return text
		.replace(/[\t\n\r]/g, " ")
		.replace(/[\p{Cc}\p{Cf}\ufffd]/gu, "")
		.normalize("NFD")
		.replace(/\p{Mn}/gu, "")
		.toLowerCase()
		.replace(/[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff]/g, " $& ");
}

/** Words and single punctuation marks, in order. ASCII symbols count as punctuation, as in BERT. */
function words(text: string): string[] {
	return clean(text).match(/[\p{P}$+<=>^`|~]|[^\s\p{P}$+<=>^`|~]+/gu) ?? [];
}

/** The longest known pieces from the left; one unknown token when any rest of the word is in no piece. */
function pieces(word: string, vocabulary: Vocabulary): number[] {
	const letters = [...word];
	if (letters.length > maxWordLength) return [vocabulary.unknownId];
	const ids: number[] = [];
	let start = 0;
	while (start < letters.length) {
		let end = letters.length;
		let id: number | undefined;
		for (; end > start && id === undefined; end--) {
			id = vocabulary.idByPiece.get((start > 0 ? "##" : "") + letters.slice(start, end).join(""));
		}
		if (id === undefined) return [vocabulary.unknownId];
		ids.push(id);
		start = end + 1;
	}
	return ids;
}

/** Uncased WordPiece between a start and an end token: what the text network reads. At most 32 numbers, at least 2. */
export function tokenize(text: string, vocabulary: Vocabulary): number[] {
	const ids = [vocabulary.startId];
	for (const word of words(text)) {
		if (ids.length >= maxTokens) break;
		ids.push(...pieces(word, vocabulary));
	}
	return [...ids.slice(0, maxTokens - 1), vocabulary.endId];
}
