interface Page<T> {
	data: T[];
	next: string | null;
}

/** Every entry of a list, page by page as they are consumed. */
export async function* iteratePages<T>(readPage: (before: string | undefined) => Promise<Page<T>>): AsyncGenerator<T, void, undefined> {
	let before: string | undefined;
	do {
		const page = await readPage(before);
		yield* page.data;
		before = page.next ?? undefined;
	} while (before !== undefined);
}
