/** A mask of 1 and 0, rows from the top. */
export interface Plane {
	widthPx: number;
	heightPx: number;
	values: Uint8Array;
}

/** Distances are kept as bytes while columns are looked at. */
const maxReachPx = 254;

/**
 * For every pixel, `valueAt` of the squared distance to the nearest 1 of the mask (Euclidean, between the middles of pixels); 0 beyond
 * `reachPx`. Exact: columns first, then the lower envelope of parabolas along rows (Felzenszwalb and Huttenlocher, 2012). Takes a byte a
 * pixel besides the mask. `reachPx` is at most 254.
 */
function spread({ widthPx, heightPx, values }: Plane, reachPx: number, valueAt: (squared: number) => number): Plane {
	const nearest = columnDistances({ widthPx, heightPx, values }, Math.min(reachPx, maxReachPx));
	const table = Uint8Array.from({ length: reachPx * reachPx + 1 }, (_, squared) => valueAt(squared));
	const envelope = { middles: new Int32Array(widthPx), starts: new Float64Array(widthPx + 1) };
	for (let y = 0; y < heightPx; y++) spreadRow(nearest.subarray(y * widthPx, (y + 1) * widthPx), reachPx, table, envelope);
	return { widthPx, heightPx, values: nearest };
}

/** Rows to the nearest 1 in the same column; 255 where that is beyond reach. */
function columnDistances({ widthPx, heightPx, values }: Plane, reachPx: number): Uint8Array {
	const distances = new Uint8Array(values.length).fill(255);
	const pass = (y: number, before: number) => {
		for (let x = 0; x < widthPx; x++) {
			const at = y * widthPx + x;
			const reached = (distances[before * widthPx + x] ?? 255) + 1;
			if (values[at] === 1) distances[at] = 0;
			else if (reached <= reachPx && reached < (distances[at] ?? 255)) distances[at] = reached;
		}
	};
	for (let y = 0; y < heightPx; y++) pass(y, Math.max(0, y - 1));
	for (let y = heightPx - 2; y >= 0; y--) pass(y, y + 1);
	return distances;
}

/** Parabolas that are lowest somewhere, in order: where each has its middle, and from where on it is the lowest. */
interface Envelope {
	middles: Int32Array;
	starts: Float64Array;
}

/** Turns a row of column distances into values, in place. */
function spreadRow(row: Uint8Array, reachPx: number, table: Uint8Array, { middles, starts }: Envelope): void {
	const heights = Uint8Array.from(row);
	let last = -1;
	for (let x = 0; x < heights.length; x++) {
		const height = heights[x] ?? 255;
		if (height > reachPx) continue;
		let start = Number.NEGATIVE_INFINITY;
		while (last >= 0) {
			const other = middles[last] ?? 0;
			start = (height * height + x * x - (heights[other] ?? 0) ** 2 - other * other) / (2 * (x - other));
			if (start > (starts[last] ?? 0)) break;
			last--;
			start = Number.NEGATIVE_INFINITY;
		}
		last++;
		middles[last] = x;
		starts[last] = start;
	}
	row.fill(0);
	if (last < 0) return;
	let lowest = 0;
	for (let x = 0; x < row.length; x++) {
		while (lowest < last && (starts[lowest + 1] ?? 0) < x) lowest++;
		const middle = middles[lowest] ?? 0;
		const squared = (x - middle) ** 2 + (heights[middle] ?? 0) ** 2;
		row[x] = squared <= reachPx * reachPx ? (table[squared] ?? 0) : 0;
	}
}

/**
 * A mask of 1 and 0 grown by `growPx` (below zero: shrunk; the picture's own edge does not shrink), as 255, and fading from there over
 * `featherPx` pixels by a Gaussian of a third of that. Beyond, 0. Together they reach at most 400 px.
 */
export function growAndFeather(mask: Plane, growPx: number, featherPx: number): Plane {
	if (growPx < 0) return growAndFeather(shrink(mask, -growPx), 0, featherPx);
	if (growPx + featherPx > maxReachPx) return growAndFeather(binary(growAndFeather(mask, growPx, 0)), 0, featherPx);
	if (growPx + featherPx === 0) return { ...mask, values: mask.values.map((value) => value * 255) };
	const sigma = featherPx / 3;
	return spread(mask, growPx + featherPx, (squared) => {
		const beyond = Math.sqrt(squared) - growPx;
		// The last pixel in reach still counts: exp(-4.5) of 255 is 2.8.
		return beyond <= 0 ? 255 : Math.round(255 * Math.exp(-(beyond ** 2) / (2 * sigma ** 2)));
	});
}

function shrink(mask: Plane, byPx: number): Plane {
	const outside = { ...mask, values: mask.values.map((value) => 1 - value) };
	const near = spread(outside, byPx, () => 1);
	return { ...near, values: near.values.map((value) => 1 - value) };
}

function binary(mask: Plane): Plane {
	return { ...mask, values: mask.values.map((value) => (value === 255 ? 1 : 0)) };
}
