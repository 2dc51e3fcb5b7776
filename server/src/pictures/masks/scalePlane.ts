interface Grey {
	widthPx: number;
	heightPx: number;
	values: Uint8Array;
}

/** Where a target pixel looks in the source on one axis: two neighbours and the second's share when enlarging, a range when shrinking. */
interface Taps {
	first: Int32Array;
	last: Int32Array;
	share: Float32Array;
}

/** Brings grey values to another size, middles of pixels on middles of pixels: bilinear when larger, the mean of what falls in when smaller. */
export function scalePlane(plane: Grey, widthPx: number, heightPx: number): Uint8Array {
	if (plane.widthPx === widthPx && plane.heightPx === heightPx) return plane.values;
	const [across, down] = [tapsFor(plane.widthPx, widthPx), tapsFor(plane.heightPx, heightPx)];
	const scaled = new Uint8Array(widthPx * heightPx);
	const row = new Float32Array(plane.widthPx);
	for (let y = 0; y < heightPx; y++) {
		mixRows(plane, down, y, row);
		for (let x = 0; x < widthPx; x++) scaled[y * widthPx + x] = Math.round(mix(row, across, x));
	}
	return scaled;
}

function tapsFor(from: number, to: number): Taps {
	const taps: Taps = { first: new Int32Array(to), last: new Int32Array(to), share: new Float32Array(to).fill(-1) };
	for (let at = 0; at < to; at++) {
		if (to < from) {
			taps.first[at] = Math.floor((at * from) / to);
			taps.last[at] = Math.max(taps.first[at] ?? 0, Math.ceil(((at + 1) * from) / to) - 1);
			continue;
		}
		const middle = Math.min(from - 1, Math.max(0, ((at + 0.5) * from) / to - 0.5));
		taps.first[at] = Math.floor(middle);
		taps.last[at] = Math.min(from - 1, Math.floor(middle) + 1);
		taps.share[at] = middle - Math.floor(middle);
	}
	return taps;
}

function mix(values: Float32Array, { first, last, share }: Taps, at: number): number {
	const [from = 0, to = 0, second = 0] = [first[at], last[at], share[at]];
	if (second >= 0) return (values[from] ?? 0) * (1 - second) + (values[to] ?? 0) * second;
	let sum = 0;
	for (let tap = from; tap <= to; tap++) sum += values[tap] ?? 0;
	return sum / (to - from + 1);
}

function mixRows({ widthPx, values }: Grey, { first, last, share }: Taps, at: number, into: Float32Array): void {
	const [from = 0, to = 0, second = 0] = [first[at], last[at], share[at]];
	into.fill(0);
	for (let row = from; row <= to; row++) {
		const weight = second >= 0 ? (row === from ? 1 - second : second) : 1 / (to - from + 1);
		for (let x = 0; x < widthPx; x++) into[x] = (into[x] ?? 0) + weight * (values[row * widthPx + x] ?? 0);
	}
	// Enlarging at the picture's edge, both neighbours are one.
	if (second >= 0 && from === to) for (let x = 0; x < widthPx; x++) into[x] = values[from * widthPx + x] ?? 0;
}
