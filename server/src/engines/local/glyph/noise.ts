/** A 32-bit mixing step: every input bit reaches every output bit. */
function mix(value: number): number {
	let bits = value | 0;
	bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
	bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
	return (bits ^ (bits >>> 16)) >>> 0;
}

/** The number at `index` of the seed's sequence, above 0 and below 1, so that its logarithm is finite. */
export function uniform(seed: number, index: number): number {
	return (mix(mix(seed) ^ mix(Math.imul(index, 0x9e3779b9) + 1)) + 0.5) / 4_294_967_296;
}

/**
 * `length` numbers from the standard normal distribution (Box-Muller).
 * The same seed (0 to 2^32 - 1) gives the same numbers on every machine and in every version of the platform.
 */
export function gaussianNoise(seed: number, length: number): Float32Array {
	const values = new Float32Array(length);
	for (let index = 0; index < length; index += 2) {
		const radius = Math.sqrt(-2 * Math.log(uniform(seed, index)));
		const angle = 2 * Math.PI * uniform(seed, index + 1);
		values[index] = radius * Math.cos(angle);
		if (index + 1 < length) values[index + 1] = radius * Math.sin(angle);
	}
	return values;
}
