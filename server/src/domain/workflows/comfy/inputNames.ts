import type { ExposedInput } from "./exposedInput.ts";

/** A field before it has its name: `base` is what it would be called if it were the only one of its kind. */
export interface Candidate extends Omit<ExposedInput, "name"> {
	base: string;
	/** What tells it from others of its kind: its author's words, if any. */
	hint: string;
}

/** snake_case of any text, at most 40 characters; empty when it holds no letter or digit that survives. */
export function snake(text: string): string {
	const plain = text
		.normalize("NFKD")
		.replace(/\p{M}/gu, "")
		.replace(/([a-z0-9])([A-Z])/g, "$1_$2")
		.toLowerCase();
	const joined = plain.replace(/[^a-z0-9]+/g, "_").slice(0, 40);
	const name = joined.replace(/^_+|_+$/g, "");
	return name === "" || /^[a-z]/.test(name) ? name : `n_${name}`;
}

/** Names every candidate: the first of its kind by the kind alone, the others with their hint, or their node's id. */
export function nameInputs(candidates: readonly Candidate[]): ExposedInput[] {
	const taken = new Set<string>();
	return candidates.map(({ base, hint, ...input }) => {
		const label = snake(hint);
		const id = snake(input.bindings[0]?.node ?? "");
		const wanted = [base, label && label !== base ? `${base}_${label}` : "", `${base}_${id.replace(/^n_/, "")}`];
		const free = wanted.find((name) => name !== "" && !taken.has(name)) ?? firstFree(base, taken);
		taken.add(free);
		const isFirst = free === base;
		return { ...input, name: free, title: (isFirst || hint === "" ? input.title : `${input.title} (${hint})`).slice(0, 200) };
	});
}

function firstFree(base: string, taken: ReadonlySet<string>): string {
	for (let at = 2; ; at++) if (!taken.has(`${base}_${at}`)) return `${base}_${at}`;
}
