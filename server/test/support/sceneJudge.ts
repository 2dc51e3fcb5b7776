import { readFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { z } from "zod";
import { onnxRun } from "../../src/engines/local/runtime/sessions.ts";

const folder = join(import.meta.dirname, "../data/scenes");
const sidePx = 128;
/** Pixels of the scene a cell of the judge's maps; what it is less sure of it has not seen; nearer is no relation. As in training/scenes. */
const cellPx = 8;
const leastScore = 0.2;
const leastPx = 4;

const background = z.union([
	z.object({ kind: z.literal("landscape"), sky: z.string(), ground: z.string() }),
	z.object({ kind: z.enum(["plain", "gradient"]), color: z.string() }),
]);
const question = z.object({
	prompt: z.string(),
	style: z.string(),
	seed: z.int(),
	things: z.array(z.object({ concept: z.string(), count: z.int(), color: z.string().nullable() })),
	relation: z.enum(["beside", "left", "right", "on", "above", "below"]).nullable(),
	background: background.nullable(),
});
const names = z.array(z.string());
const file = z.object({ concepts: names, colors: names, skies: names, grounds: names, plains: names, questions: z.array(question) });

/** What training/scenes wrote: combinations that its networks never saw, and what the judge's numbers mean. */
const { questions: asked, ...known } = file.parse(JSON.parse(readFileSync(join(folder, "questions.json"), "utf8")));

export type SceneQuestion = z.infer<typeof question>;
export const sceneQuestions: readonly SceneQuestion[] = asked;

interface Seen {
	readonly concept: string;
	readonly color: string;
	readonly x: number;
	readonly y: number;
}

interface Verdict {
	readonly seen: readonly Seen[];
	readonly sky: string;
	readonly ground: string;
	readonly plain: string;
}

const run = onnxRun(new Map(), new AbortController().signal);
const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));

function indexOfMax(values: ArrayLike<number>): number {
	let best = 0;
	for (let at = 1; at < values.length; at++) if ((values[at] ?? 0) > (values[best] ?? 0)) best = at;
	return best;
}

/** Cells in which some concept has its middle: higher than all around them. */
function peaks(concepts: Float32Array, colors: Float32Array): Seen[] {
	const side = sidePx / cellPx;
	const at = (maps: Float32Array, count: number, cell: number) =>
		Array.from({ length: count }, (_, map) => maps[map * side * side + cell] ?? 0);
	const best = Array.from({ length: side * side }, (_, cell) => Math.max(...at(concepts, known.concepts.length, cell)));
	return best.flatMap((value, cell) => {
		const [x, y] = [cell % side, Math.floor(cell / side)];
		const around = best.filter((_, other) => Math.abs((other % side) - x) <= 1 && Math.abs(Math.floor(other / side) - y) <= 1);
		if (sigmoid(value) <= leastScore || value < Math.max(...around)) return [];
		const concept = known.concepts[indexOfMax(at(concepts, known.concepts.length, cell))] ?? "";
		const color = known.colors[indexOfMax(at(colors, known.colors.length, cell))] ?? "";
		return [{ concept, color, x: (x + 0.5) * cellPx, y: (y + 0.5) * cellPx }];
	});
}

/** What a small detector, trained on scenes of real pictures alone, sees in a picture. */
export async function judgeScene(picture: Uint8Array): Promise<Verdict> {
	const rgb = await sharp(picture).removeAlpha().resize(sidePx, sidePx, { fit: "fill", kernel: "linear" }).raw().toBuffer();
	const planes = new Float32Array(rgb.length);
	for (let at = 0; at < rgb.length; at++) planes[(at % 3) * sidePx ** 2 + Math.floor(at / 3)] = (rgb[at] ?? 0) / 127.5 - 1;
	const found = await run(join(folder, "judge.onnx"), { scene: { data: planes, dims: [1, 3, sidePx, sidePx] } });
	const values = (name: string) => found[name]?.data ?? new Float32Array();
	const named = (name: string, list: readonly string[]) => list[indexOfMax(values(name))] ?? "";
	return {
		seen: peaks(values("concepts"), values("colors")),
		sky: named("sky", known.skies),
		ground: named("ground", known.grounds),
		plain: named("plain", known.plains),
	};
}

function middle(seen: readonly Seen[], concept: string): { x: number; y: number } | null {
	const found = seen.filter((each) => each.concept === concept);
	const mean = (axis: "x" | "y") => found.reduce((sum, each) => sum + each[axis], 0) / found.length;
	return found.length === 0 ? null : { x: mean("x"), y: mean("y") };
}

function lies({ things, relation }: SceneQuestion, { seen }: Verdict): boolean {
	const [first, second] = things.map(({ concept }) => middle(seen, concept));
	if (!first || !second || relation === null) return false;
	const [right, down] = [first.x - second.x, first.y - second.y];
	const steep = Math.abs(down) > Math.abs(right);
	const holds = {
		...{ beside: !steep, left: right < -leastPx, right: right > leastPx },
		...{ on: steep && down < -leastPx, above: steep && down < -leastPx, below: steep && down > leastPx },
	};
	return holds[relation];
}

function isBehind({ background: wanted }: SceneQuestion, { sky, ground, plain }: Verdict): boolean {
	if (wanted === null) return plain === "white";
	return wanted.kind === "landscape" ? sky === wanted.sky && ground === wanted.ground : plain === wanted.color;
}

/** Attribute by attribute whether what was asked for is seen: things, their numbers and colours each by itself. */
export function scoreScene(asked: SceneQuestion, verdict: Verdict): [attribute: string, right: boolean][] {
	const found = (concept: string) => verdict.seen.filter((each) => each.concept === concept);
	return [
		...asked.things.flatMap(({ concept, count, color }): [string, boolean][] => [
			["thing", found(concept).length > 0],
			["count", found(concept).length === count],
			...(color === null ? [] : [["colour", found(concept).some((each) => each.color === color)] satisfies [string, boolean]]),
		]),
		...(asked.relation === null ? [] : [["relation", lies(asked, verdict)] satisfies [string, boolean]]),
		["background", isBehind(asked, verdict)],
	];
}
