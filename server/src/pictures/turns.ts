/** Hands out `items` one holder at a time; those who come while all are held wait in order. */
export interface Turns<T> {
	/** Null when too many wait already. Rejects when the waiting is ended. */
	take(): Promise<T> | null;
	give(item: T): void;
	/** Rejects everyone who waits. */
	endWaiting(error: Error): void;
}

export function createTurns<T>(items: T[], maxWaiting: number): Turns<T> {
	const free = [...items];
	const waiting: PromiseWithResolvers<T>[] = [];
	return {
		take: () => {
			const item = free.pop();
			if (item !== undefined) return Promise.resolve(item);
			if (waiting.length >= maxWaiting) return null;
			const turn = Promise.withResolvers<T>();
			waiting.push(turn);
			return turn.promise;
		},
		give: (item) => {
			const next = waiting.shift();
			if (next) next.resolve(item);
			else free.push(item);
		},
		endWaiting: (error) => {
			for (const turn of waiting.splice(0)) turn.reject(error);
		},
	};
}
