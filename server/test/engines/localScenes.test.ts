import sharp from "sharp";
import { expect, it } from "vitest";
import type { JsonObject } from "../../src/domain/json.ts";
import type { Picture } from "../../src/domain/ports.ts";
import { judgeScene, sceneQuestions, scoreScene } from "../support/sceneJudge.ts";
import { openShippedEngine } from "../support/shippedEngine.ts";

const engine = await openShippedEngine();

interface Drawn {
	readonly bytes: Uint8Array;
	readonly data: JsonObject;
	readonly progress: readonly number[];
	readonly previews: number;
}

async function draw(prompt: string, more: { seed: number; style?: string; strength?: number }, image?: Uint8Array): Promise<Drawn> {
	const params = { prompt, steps: 8, widthPx: 128, heightPx: 128, ...more };
	const progress: number[] = [];
	let previews = 0;
	const context = {
		signal: new AbortController().signal,
		onProgress: ({ fraction }: { fraction: number }) => progress.push(fraction),
		onPreview: () => previews++,
	};
	const inputs: Record<string, Picture> = image ? { image: { bytes: image, mediaType: "image/png", widthPx: 128, heightPx: 128 } } : {};
	const { pictures: made, data } = await engine.run({ kind: "generate", model: "embedded", params, inputs }, context);
	if (!made.image) throw new Error("no picture was made");
	return { bytes: made.image.bytes, data, progress, previews };
}

/** Below what 120 such prompts reach (models/README.md), since twelve are few; drawn as one thing they reach a tenth. */
const floors: Readonly<Record<string, number>> = { thing: 0.7, count: 0.55, colour: 0.5, relation: 0.55, background: 0.85 };

it("what a prompt says of things, numbers, colours, relations and backgrounds is seen by a judge who knows only real pictures", async () => {
	const rights = new Map<string, boolean[]>();
	const wrong: string[] = [];
	for (const asked of sceneQuestions) {
		const { bytes, data } = await draw(asked.prompt, asked);
		expect(data.scene, asked.prompt).toMatchObject({ things: asked.things.map(({ concept, count }) => ({ thing: concept, count })) });
		for (const [attribute, right] of scoreScene(asked, await judgeScene(bytes))) {
			rights.set(attribute, [...(rights.get(attribute) ?? []), right]);
			if (!right) wrong.push(`${attribute}: ${asked.prompt}`);
		}
	}
	for (const [attribute, floor] of Object.entries(floors)) {
		const found = rights.get(attribute) ?? [];
		expect(found.filter((right) => right).length / found.length, `${attribute}\n${wrong.join("\n")}`).toBeGreaterThanOrEqual(floor);
	}
}, 120_000);

it("seeds vary a scene, one seed draws it again to the byte, and progress is told on the way", async () => {
	const prompt = "a cat beside a tree on green grass";
	const [first, again, other] = [await draw(prompt, { seed: 1 }), await draw(prompt, { seed: 1 }), await draw(prompt, { seed: 2 })];
	expect(again.bytes).toEqual(first.bytes);
	const [a, b] = await Promise.all([first, other].map(({ bytes }) => sharp(bytes).removeAlpha().raw().toBuffer()));
	const difference = a?.reduce((sum, value, at) => sum + Math.abs(value - (b?.[at] ?? 0)), 0) ?? 0;
	expect(difference / (a?.length ?? 1)).toBeGreaterThan(8);
	expect(first.progress).toEqual([...first.progress].sort((x, y) => x - y));
	expect(first.progress).toHaveLength(16);
	expect(first.previews).toBeGreaterThan(0);
}, 60_000);

it("a given picture is redrawn as before, whatever the prompt says", async () => {
	const { bytes } = await draw("a red apple", { seed: 1 });
	const { data } = await draw("a cat beside a tree", { seed: 1, strength: 0.5 }, bytes);
	expect(data.scene).toBeUndefined();
}, 60_000);
