/** Rotation, uniform scale and shift: (x, y) -> (a x - b y + tx, b x + a y + ty). Never mirrors. */
export interface Similarity {
	a: number;
	b: number;
	tx: number;
	ty: number;
}
export interface Point {
	x: number;
	y: number;
}

export function apply(map: Similarity, { x, y }: Point): Point {
	return { x: map.a * x - map.b * y + map.tx, y: map.b * x + map.a * y + map.ty };
}

export const scaleOf = (map: Similarity) => Math.hypot(map.a, map.b);

/** The map that undoes `map`. Not finite when `map` shrinks everything to a point. */
export function invert({ a, b, tx, ty }: Similarity): Similarity {
	const square = a * a + b * b;
	return { a: a / square, b: -b / square, tx: -(a * tx + b * ty) / square, ty: (b * tx - a * ty) / square };
}

/**
 * The similarity that brings `from` closest to `to` in the sum of squared distances (closed form: in complex numbers,
 * the regression of the centred targets on the centred sources). Null when the sources lie on one point or are not finite.
 */
export function fitSimilarity(from: readonly Point[], to: readonly Point[]): Similarity | null {
	const [centreFrom, centreTo] = [mean(from), mean(to)];
	let [along, across, spread] = [0, 0, 0];
	for (const [i, source] of from.entries()) {
		const target = to[i];
		if (target === undefined) return null;
		const [x, y] = [source.x - centreFrom.x, source.y - centreFrom.y];
		const [u, v] = [target.x - centreTo.x, target.y - centreTo.y];
		along += x * u + y * v;
		across += x * v - y * u;
		spread += x * x + y * y;
	}
	const [a, b] = [along / spread, across / spread];
	const map = { a, b, tx: centreTo.x - (a * centreFrom.x - b * centreFrom.y), ty: centreTo.y - (b * centreFrom.x + a * centreFrom.y) };
	const isUsable = Object.values(map).every(Number.isFinite) && scaleOf(map) > 0;
	return isUsable ? map : null;
}

function mean(points: readonly Point[]): Point {
	const sum = points.reduce((total, point) => ({ x: total.x + point.x, y: total.y + point.y }), { x: 0, y: 0 });
	return { x: sum.x / points.length, y: sum.y / points.length };
}
