import { readFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, expect, it } from "vitest";
import { z } from "zod";
import { createLocalEngine } from "../../src/engines/local/engine.ts";
import { createPictureGate } from "../../src/pictures/gate.ts";

const root = join(import.meta.dirname, "../../..");
const pictures = createPictureGate();
const engine = await createLocalEngine({ modelsDir: join(root, "models"), pictures });

afterAll(async () => {
	await engine.close();
	await pictures.close();
});

const prompts =
	"red apple|cat face|automobile|blue heart|pizza|house|deciduous tree|smiling face with sunglasses|rocket|hot beverage|dog face|green apple|guitar|hibiscus|sailboat|birthday cake|strawberry|banana|lion|elephant|penguin|butterfly|bicycle|airplane|fire|snowman|crown|robot|alien|ghost|skull|umbrella|soccer ball|trophy|key|light bulb|gem stone|sunflower|cactus|mushroom|hamburger|doughnut|ice cream|watermelon|grapes|fish|octopus|frog|bear|fox|owl|unicorn|dragon|castle|tent|anchor|balloon|violin|drum|laptop".split(
		"|",
	);
const styles = ["flat", "cartoon", "3d"];

/** The 3,679 pictures the network was trained on, as 8 x 8 RGB thumbnails; `cid` names each one's concept. */
const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));
const reference = z.object({ n: z.int(), cid: z.array(z.int()) }).parse(readJson(join(root, "server/test/data/glyph/ref.json")));
const { names } = z.object({ names: z.array(z.string()) }).parse(readJson(join(root, "models/glyph/concepts.json")));
const bytes = readFileSync(join(root, "server/test/data/glyph/ref8.u8"));
const sidePx = 8;
const length = sidePx * sidePx * 3;

/** Without its mean and of unit length, so that the product of two is their likeness. */
function unit(values: ArrayLike<number>): Float32Array {
	const vector = Float32Array.from(values);
	const mean = vector.reduce((sum, value) => sum + value, 0) / length;
	const centred = vector.map((value) => value - mean);
	const norm = Math.hypot(...centred) + 1e-6;
	return centred.map((value) => value / norm);
}

const references = Array.from({ length: reference.n }, (_, at) => unit(bytes.subarray(at * length, (at + 1) * length)));

/** Concepts whose real pictures are most like this one, best first. */
function nearestConcepts(thumbnail: Float32Array): string[] {
	const likeness = references.map((other, at) => ({
		concept: names[reference.cid[at] ?? -1] ?? "",
		score: other.reduce((sum, value, index) => sum + value * (thumbnail[index] ?? 0), 0),
	}));
	likeness.sort((a, b) => b.score - a.score);
	return [...new Set(likeness.slice(0, 20).map(({ concept }) => concept))];
}

async function draw(prompt: string, style: string, seed: number): Promise<Float32Array> {
	const params = { prompt, style, seed, steps: 8, widthPx: 64, heightPx: 64 };
	const context = { signal: new AbortController().signal, onProgress: () => {}, onPreview: () => {} };
	const { pictures: made } = await engine.run({ kind: "generate", model: "embedded", params, inputs: {} }, context);
	const small = sharp(made.image?.bytes).resize(sidePx, sidePx, { kernel: "linear" }).removeAlpha();
	return unit(await small.raw().toBuffer());
}

it("of 60 everyday things, each drawn looks most like real pictures of that thing (19 in 20; among the first five, 99 in 100)", async () => {
	const wrong: string[] = [];
	let amongFive = 0;
	for (const [seed, prompt] of prompts.entries()) {
		const nearest = nearestConcepts(await draw(prompt, styles[seed % styles.length] ?? "flat", seed));
		if (nearest[0] !== prompt) wrong.push(`${prompt} -> ${nearest[0]}`);
		if (nearest.slice(0, 5).includes(prompt)) amongFive++;
	}
	expect(wrong.length / prompts.length, wrong.join("; ")).toBeLessThanOrEqual(0.05);
	expect(amongFive / prompts.length).toBeGreaterThanOrEqual(0.99);
}, 300_000);
