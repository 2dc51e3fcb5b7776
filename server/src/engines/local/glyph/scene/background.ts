import { uniform } from "../noise.ts";
import { sceneSidePx } from "./layout.ts";
import type { Background } from "./readScene.ts";
import type { Ground, Sky } from "./words.ts";

type Rgb = readonly [red: number, green: number, blue: number];

const colors: Readonly<Record<string, Rgb>> = {
	...{ red: [222, 62, 56], orange: [245, 150, 50], yellow: [250, 215, 75], green: [92, 184, 92], blue: [84, 152, 228] },
	...{
		purple: [146, 96, 200],
		pink: [246, 150, 190],
		black: [38, 38, 42],
		white: [255, 255, 255],
		brown: [150, 104, 70],
		grey: [165, 168, 172],
	},
};
const white: Rgb = [255, 255, 255];

/** At the upper edge and at the horizon. */
const skies: Readonly<Record<Sky, readonly [Rgb, Rgb]>> = {
	day: [
		[116, 188, 242],
		[206, 234, 250],
	],
	sunny: [
		[88, 176, 246],
		[202, 236, 252],
	],
	cloudy: [
		[164, 176, 188],
		[218, 224, 228],
	],
	sunset: [
		[98, 84, 160],
		[255, 176, 104],
	],
	night: [
		[16, 22, 58],
		[52, 66, 122],
	],
};
/** At the horizon and at the lower edge. */
const grounds: Readonly<Record<Ground, readonly [Rgb, Rgb]>> = {
	grass: [
		[134, 200, 92],
		[82, 160, 62],
	],
	sand: [
		[244, 222, 164],
		[226, 192, 122],
	],
	snow: [
		[240, 246, 252],
		[212, 226, 240],
	],
	water: [
		[72, 158, 214],
		[34, 104, 176],
	],
};
/** How much light falls on the ground, and of what colour. */
const lights: Readonly<Record<Sky, Rgb>> = {
	day: [1, 1, 1],
	sunny: [1, 1, 1],
	cloudy: [0.92, 0.93, 0.95],
	sunset: [1, 0.82, 0.72],
	night: [0.36, 0.42, 0.62],
};

const seedOffset = 3_000_000;
const mix = (from: Rgb, to: Rgb, share: number): Rgb => [
	from[0] + (to[0] - from[0]) * share,
	from[1] + (to[1] - from[1]) * share,
	from[2] + (to[2] - from[2]) * share,
];
const lit = (color: Rgb, light: Rgb): Rgb => [color[0] * light[0], color[1] * light[1], color[2] * light[2]];
/** 0 below `from`, 1 above `to`. */
const ramp = (value: number, from: number, to: number) => Math.min(1, Math.max(0, (value - from) / (to - from)));

/** The colour at a point, in pixels of the scene. */
type Painter = (x: number, y: number) => Rgb;

interface Disc {
	readonly x: number;
	readonly y: number;
	readonly radius: number;
	/** Height by width. */
	readonly flat: number;
}

/** 1 inside, 0 outside, a soft edge of a pixel between. */
function inside({ x, y, radius, flat }: Disc, atX: number, atY: number): number {
	if (Math.abs(atY - y) > flat * (radius + 1)) return 0;
	return 1 - ramp(Math.hypot(atX - x, (atY - y) / flat), radius - 0.7, radius + 0.7);
}

function paintSky(sky: Sky, horizonPx: number, dice: (index: number) => number): Painter {
	const [upper, lower] = skies[sky];
	const puffs = sky === "cloudy" ? 5 : sky === "day" || sky === "sunny" ? 2 : 0;
	const clouds = Array.from({ length: puffs * 3 }, (_, at): Disc => {
		const [puff, part] = [Math.floor(at / 3), (at % 3) - 1];
		const radius = (part === 0 ? 9 : 6.5) * (0.8 + 0.4 * dice(20 + puff));
		return { x: sceneSidePx * dice(30 + puff) + part * 9, y: 8 + 26 * dice(40 + puff), radius, flat: 0.55 };
	});
	const stars =
		sky === "night"
			? Array.from(
					{ length: 26 },
					(_, at): Disc => ({ x: 128 * dice(60 + at), y: horizonPx * dice(90 + at), radius: 0.5 + 0.5 * dice(120 + at), flat: 1 }),
				)
			: [];
	const light: Disc = {
		x: dice(1) < 0.5 ? 18 + 10 * dice(2) : 100 + 10 * dice(2),
		y: sky === "sunset" ? horizonPx - 2 : 18,
		radius: sky === "sunset" ? 13 : 10,
		flat: 1,
	};
	const shines = sky === "sunny" || sky === "sunset" || sky === "night";
	const lightColor: Rgb = sky === "night" ? [246, 240, 206] : sky === "sunset" ? [255, 226, 130] : [255, 220, 74];
	const cloudColor: Rgb = sky === "cloudy" ? [236, 239, 242] : white;
	return (x, y) => {
		let color = mix(upper, lower, ramp(y, 0, horizonPx));
		for (const star of stars) color = mix(color, [250, 248, 226], 0.9 * inside(star, x, y));
		if (shines) {
			color = mix(color, lightColor, 0.4 * (1 - ramp(Math.hypot(x - light.x, y - light.y), light.radius, 2.4 * light.radius)));
			color = mix(color, lightColor, inside(light, x, y));
		}
		for (const cloud of clouds) color = mix(color, cloudColor, 0.92 * inside(cloud, x, y));
		return color;
	};
}

function paintLandscape(sky: Sky, ground: Ground, dice: (index: number) => number): Painter {
	const horizonPx = 70 + 14 * dice(3);
	const above = paintSky(sky, horizonPx, dice);
	const [far, near] = grounds[ground];
	const rolling = ground === "grass" || ground === "snow";
	const [waveLength, phase] = [36 + 30 * dice(4), 6.28 * dice(5)];
	const edgeAt = (x: number) => horizonPx + (rolling ? 3 * Math.sin(x / waveLength + phase) : 0);
	const hillAt = (x: number) => horizonPx - 7 - 5 * Math.sin(x / (20 + 14 * dice(6)) + 6.28 * dice(7));
	const hill = mix(far, near, 0.9);
	const seaBand = ground === "sand" ? 9 : 0;
	const light = lights[sky];
	return (x, y) => {
		let color = above(x, y);
		if (rolling) color = mix(color, lit(mix(hill, skies[sky][1], 0.35), light), ramp(y, hillAt(x) - 0.7, hillAt(x) + 0.7));
		const depth = ramp(y, horizonPx, sceneSidePx);
		let soil = mix(far, near, depth);
		if (ground === "water") soil = mix(soil, white, 0.2 * ramp(Math.sin(y * (1.5 - depth) + 2.5 * Math.sin(x / 11 + y)), 0.75, 0.95));
		if (ground === "grass") soil = mix(soil, near, 0.35 * ramp(uniform(Math.floor(x) * 131 + Math.floor(y / 3), 7), 0.7, 0.9));
		if (y < horizonPx + seaBand) soil = mix(grounds.water[0], grounds.water[1], ramp(y, horizonPx, horizonPx + 2 * seaBand));
		return mix(color, lit(soil, light), ramp(y, edgeAt(x) - 0.7, edgeAt(x) + 0.7));
	};
}

function painterOf(background: Background | null, seed: number): Painter {
	const dice = (index: number) => uniform(seed, seedOffset + index);
	if (background === null) return () => white;
	if (background.kind === "landscape") return paintLandscape(background.sky, background.ground, dice);
	const color = colors[background.color] ?? white;
	if (background.kind === "plain") return () => color;
	return (_, y) => mix(mix(color, white, 0.65), color, ramp(y, 0, sceneSidePx - 1));
}

/** What lies behind a scene: RGB, 3 bytes a pixel, rows from the top. Clouds, hills and lights vary with the seed. */
export function paintBackground(background: Background | null, seed: number): Uint8Array {
	const paint = painterOf(background, seed);
	const rgb = new Uint8ClampedArray(3 * sceneSidePx ** 2);
	for (let at = 0; at < sceneSidePx ** 2; at++) rgb.set(paint((at % sceneSidePx) + 0.5, Math.floor(at / sceneSidePx) + 0.5), 3 * at);
	return new Uint8Array(rgb.buffer);
}
