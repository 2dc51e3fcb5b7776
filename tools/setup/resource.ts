/** Something outside the repository that suites need, ready to use, or the reason why this machine has none. */
export type Resource = { found: true; value: string; about: string; close(): Promise<void> } | { found: false; why: string };

export const missing = (why: string): Resource => ({ found: false, why });

export const ready = (value: string, about: string, close: () => Promise<void> = async () => {}): Resource => ({
	found: true,
	value,
	about,
	close,
});
