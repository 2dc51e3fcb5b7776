import type { StepContext } from "../../../../domain/ports.ts";
import { encodePng, type RawPixels } from "../../canvas.ts";
import { fromPlanes } from "../../planes.ts";
import type { OnnxRun, RawImage } from "../../runtime/types.ts";
import { embedText, type GlyphModel } from "../model.ts";
import { type SampleRequest, sampleGlyph } from "../sample.ts";
import { paintBackground } from "./background.ts";
import { compose } from "./compose.ts";
import { cutOut } from "./cutOut.ts";
import { layOut, type Place, sceneSidePx } from "./layout.ts";
import type { Scene } from "./understandScene.ts";
import { unite } from "./unite.ts";
import { airborne } from "./words.ts";

/** How each thing is drawn; what it is and its seed come from the scene. */
export type Drawing = Pick<SampleRequest, "style" | "seed" | "steps" | "guidance" | "negativeEmbedding">;

type Sinks = Pick<StepContext, "onProgress" | "onPreview">;

const rgbOf = (rgb: Uint8Array): RawImage => ({ widthPx: sceneSidePx, heightPx: sceneSidePx, rgb });

/** The number of an instance, in the order of the items. */
function firstInstances(scene: Scene): number[] {
	let next = 0;
	return scene.items.map(({ count }) => {
		next += count;
		return next - count;
	});
}

/** Every instance cut out, items in turn; each is drawn by itself, so that two cats are two cats. */
async function drawSprites(run: OnnxRun, model: GlyphModel, scene: Scene, drawing: Drawing, sinks: Sinks): Promise<RawPixels[]> {
	const sprites: RawPixels[] = [];
	const total = scene.items.reduce((sum, { count }) => sum + count, 0);
	for (const { count, understood } of scene.items) {
		const embedding = await embedText(run, model, understood.canonical);
		const mayMirror = model.concepts.mayMirror(understood.understoodAs);
		for (let instance = 0; instance < count; instance++) {
			const done = sprites.length;
			const seed = (drawing.seed + done * 104_729) % 2 ** 32;
			const request = { ...drawing, embedding, mayMirror, seed, initial: null, strength: 1, mask: null };
			const planes = await sampleGlyph(run, model.files, request, async (step) => {
				const steps = total * drawing.steps;
				sinks.onProgress({ fraction: (done * drawing.steps + step) / steps, step: done * drawing.steps + step, steps });
			});
			sprites.push(await cutOut(run, model.files.sceneCut, planes));
		}
	}
	return sprites;
}

function place(scene: Scene, sprites: readonly RawPixels[], seed: number): Place[] {
	const first = firstInstances(scene);
	const items = scene.items.map(({ count, size, understood }, at) => {
		const { widthPx, heightPx } = sprites[first[at] ?? 0] ?? { widthPx: 1, heightPx: 1 };
		return { count, size, aspect: heightPx / widthPx, airborne: airborne.has(understood.understoodAs) };
	});
	return layOut({ items, relations: scene.relations, landscape: scene.background?.kind === "landscape", seed });
}

/** Draws a scene, 128 px. @throws {GlassworksError} `model_missing`, `cancelled` */
export async function drawScene(run: OnnxRun, model: GlyphModel, scene: Scene, drawing: Drawing, sinks: Sinks): Promise<RawImage> {
	const sprites = await drawSprites(run, model, scene, drawing, sinks);
	const places = place(scene, sprites, drawing.seed);
	const next = firstInstances(scene);
	const ordered = places.flatMap(({ item }) => {
		const at = next[item] ?? 0;
		next[item] = at + 1;
		return sprites[at] ?? [];
	});
	const composition = await compose(paintBackground(scene.background, drawing.seed), ordered, places);
	sinks.onPreview(await encodePng(rgbOf(composition.rgb)));
	const planes = await unite(run, model.files.sceneUnite, composition, drawing.seed);
	return fromPlanes(planes, sceneSidePx, sceneSidePx, -1, 1);
}
