/** Part of a file's name: the prompt's first plain letters and digits. */
export function slugOf(prompt: string): string {
	const words =
		prompt
			.normalize("NFKD")
			.toLowerCase()
			.replaceAll(/\p{M}/gu, "")
			.match(/[a-z0-9]+/g) ?? [];
	return words.join("-").slice(0, 48).replace(/-+$/, "") || "picture";
}
