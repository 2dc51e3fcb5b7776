/** Seeded pseudo-random numbers (mulberry32), so that every row of a table meets the very same load. */
export interface Random {
	/** In [0, 1). */
	uniform(): number;
	/** Mean 1. */
	exponential(): number;
	/** Log-normal with mean 1; `spread` is the standard deviation of its logarithm. */
	noise(spread: number): number;
	/** A key, with probability proportional to its share. */
	pick(shares: Readonly<Record<string, number>>): string;
}

export function createRandom(seed: number): Random {
	let state = seed >>> 0;
	const uniform = (): number => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
	const exponential = (): number => -Math.log(1 - uniform());
	const normal = (): number => Math.sqrt(2 * exponential()) * Math.cos(2 * Math.PI * uniform());
	return {
		uniform,
		exponential,
		noise: (spread) => Math.exp(spread * normal() - (spread * spread) / 2),
		pick: (shares) => pickShare(shares, uniform()),
	};
}

function pickShare(shares: Readonly<Record<string, number>>, point: number): string {
	const entries = Object.entries(shares);
	let left = point * entries.reduce((sum, [, share]) => sum + share, 0);
	for (const [key, share] of entries) {
		left -= share;
		if (left < 0) return key;
	}
	return entries.at(-1)?.[0] ?? "";
}
