/** How many reads run at once: with one, a request that just missed it would wait for two. */
const atOnce = 2;

/**
 * One read for all who ask at the same time. A read never answers somebody who asked after it had begun, so that nobody is told what was true
 * before they asked: what was changed before is seen, by every process on the database.
 */
export function shareReads<T>(read: (keys: string[]) => Promise<Map<string, T>>): (key: string) => Promise<T | null> {
	let running = 0;
	let waiting: { keys: Set<string>; answer: Promise<Map<string, T>> } | null = null;
	const free: (() => void)[] = [];

	async function readNext(keys: Set<string>): Promise<Map<string, T>> {
		if (running >= atOnce) await new Promise<void>((resolve) => free.push(resolve));
		else running += 1;
		// From here on whoever asks has to wait for the next.
		waiting = null;
		try {
			return await read([...keys]);
		} finally {
			const next = free.shift();
			if (next) next();
			else running -= 1;
		}
	}

	return async (key) => {
		if (waiting === null) {
			const keys = new Set<string>();
			// Asked for on the next turn, so that all requests of this one share it.
			const answer = Promise.resolve().then(() => readNext(keys));
			waiting = { keys, answer };
		}
		waiting.keys.add(key);
		return (await waiting.answer).get(key) ?? null;
	};
}
