// node draw.ts MODELS SCENES OUT < questions: draws prompts with the server's own code, the glyph networks in MODELS and the scene networks
// in SCENES; 128 x 128 RGB each, one behind the other into OUT. Each line of the input is JSON: {"prompt", "seed", "style", "way"}; prints, a line each, what the prompt was understood as.
// Ways: "scene" as the server draws; "pasted" without the scene network; "guess" the same of first guesses instead of drawings;
// "single" one thing, as if there were no scenes.
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { resize } from "../../server/src/engines/local/canvas.ts";
import { glyphFiles } from "../../server/src/engines/local/glyph/files.ts";
import { embedText, type GlyphModel, readGlyphModel } from "../../server/src/engines/local/glyph/model.ts";
import { sampleGlyph } from "../../server/src/engines/local/glyph/sample.ts";
import { drawScene } from "../../server/src/engines/local/glyph/scene/drawScene.ts";
import { describeScene, understandScene } from "../../server/src/engines/local/glyph/scene/understandScene.ts";
import type { DrawnStyle } from "../../server/src/engines/local/glyph/styles.ts";
import { understand } from "../../server/src/engines/local/glyph/understand.ts";
import { fromPlanes } from "../../server/src/engines/local/planes.ts";
import { onnxRun } from "../../server/src/engines/local/runtime/sessions.ts";
import type { OnnxRun, RawImage } from "../../server/src/engines/local/runtime/types.ts";

interface Question {
	readonly prompt: string;
	readonly seed: number;
	readonly style: DrawnStyle;
	readonly way: "scene" | "pasted" | "guess" | "single";
}

const sidePx = 128;
const sinks = { onProgress() {}, onPreview() {} };

/** The composition itself, in place of what the scene network makes of it. */
const pasted =
	(run: OnnxRun, model: GlyphModel): OnnxRun =>
	async (file, feeds) => {
		const known = feeds.known;
		if (file !== model.files.sceneUnite || !known) return run(file, feeds);
		return { x0: { data: (known.data as Float32Array).slice(0, 3 * sidePx ** 2), dims: [1, 3, sidePx, sidePx] } };
	};

/** The first guess, 32 px, twice as large in place of what the drawing network makes of it. */
const guessed =
	(run: OnnxRun, model: GlyphModel): OnnxRun =>
	async (file, feeds) => {
		const { x, pr } = feeds;
		if (file !== model.files.step || !x || !pr) return run(file, feeds);
		const data = Float32Array.from(x.data as Float32Array, (_, at) => {
			const [plane, row, column] = [Math.floor(at / 4096), Math.floor((at % 4096) / 64), at % 64];
			return Number(pr.data[plane * 1024 + (row >> 1) * 32 + (column >> 1)]);
		});
		return { x0: { data, dims: x.dims } };
	};

async function answer(run: OnnxRun, model: GlyphModel, { prompt, seed, style, way }: Question): Promise<{ image: RawImage; said: unknown }> {
	const how = { style, seed, steps: 8, guidance: 2, negativeEmbedding: null };
	const embed = (text: string) => embedText(run, model, text);
	const scene = way === "single" ? null : await understandScene(prompt, style, model.concepts, embed);
	if (scene) {
		const by = way === "scene" ? run : pasted(way === "guess" ? guessed(run, model) : run, model);
		return { image: await drawScene(by, model, scene, how, sinks), said: describeScene(scene) };
	}
	const understood = await understand(prompt, style, model.concepts, embed);
	const asked = { ...how, embedding: await embed(understood.canonical), mayMirror: false, initial: null, strength: 1, mask: null };
	const small = fromPlanes(await sampleGlyph(run, model.files, asked, async () => {}), 64, 64, -1, 1);
	return { image: await resize(small, sidePx, sidePx), said: { understood_as: understood.understoodAs } };
}

const [models = "", scenes = "", out = ""] = process.argv.slice(2);
const { sceneCut, sceneUnite } = glyphFiles(scenes);
const model = await readGlyphModel({ ...glyphFiles(models), sceneCut, sceneUnite });
const run = onnxRun(new Map(), new AbortController().signal);
const file = createWriteStream(out);
for await (const line of createInterface({ input: process.stdin })) {
	const { image, said } = await answer(run, model, JSON.parse(line));
	console.log(JSON.stringify(said));
	if (!file.write(image.rgb)) await new Promise<void>((resolve) => file.once("drain", resolve));
}
await new Promise<void>((resolve) => file.end(resolve));
