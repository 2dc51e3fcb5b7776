import { GlassworksError } from "../../../domain/errors.ts";
import type { StepContext, StepOutput } from "../../../domain/ports.ts";
import { decode, decodeAlpha, decodeMask, encodePng, resizePlane } from "../canvas.ts";
import { compositePicture, resizePicture } from "../composite.ts";
import { detectFaces } from "../faces/detect.ts";
import { restoreFaces } from "../faces/restore.ts";
import { drawPicture, repaintPicture } from "../glyph/draw.ts";
import { glyphFiles } from "../glyph/files.ts";
import { type GlyphModel, readGlyphModel } from "../glyph/model.ts";
import { fillMirror } from "../mirror/fillMirror.ts";
import { fillTelea } from "../telea/fillTelea.ts";
import { upscaleImage } from "../upscale.ts";
import type { Job } from "./messages.ts";
import { onnxRun, type Sessions } from "./sessions.ts";
import type { OnnxRun } from "./types.ts";

export type JobRunner = (job: Job, context: StepContext) => Promise<StepOutput>;

type JobOf<K extends Job["kind"]> = Extract<Job, { kind: K }>;

/** Runs jobs with the networks in this folder (and those that a job names), which are loaded at first use and kept. */
export function createJobRunner(modelsDir: string): JobRunner {
	const sessions: Sessions = new Map();
	let glyph: Promise<GlyphModel> | undefined;
	const loadGlyph = () => {
		glyph ??= readGlyphModel(glyphFiles(modelsDir)).catch((cause: unknown) => {
			glyph = undefined;
			throw cause;
		});
		return glyph;
	};
	return async (job, context) => {
		const run = onnxRun(sessions, context.signal);
		switch (job.kind) {
			case "generate":
				return drawPicture(run, await loadGlyph(), job.params, job.image && (await decode(job.image)), context);
			case "inpaint":
				return runRepaint(run, await loadGlyph(), job, context);
			case "telea":
				return runFill(job, fillTelea);
			case "mirror":
				return runFill(job, fillMirror);
			case "composite":
				return { pictures: { image: await compositePicture(job, job.params) }, data: {} };
			case "resize":
				return { pictures: { image: await resizePicture(job.image, job.params) }, data: {} };
			case "upscale":
				return runUpscale(run, job, context);
			case "detect_faces":
				return runDetect(run, job, modelsDir);
			case "restore_faces":
				return runRestore(run, job, context);
		}
	};
}

async function runRepaint(run: OnnxRun, glyph: GlyphModel, job: JobOf<"inpaint">, context: StepContext): Promise<StepOutput> {
	const [image, mask] = [await decode(job.image), await decodeMask(job.mask)];
	if (image.widthPx !== mask.widthPx || image.heightPx !== mask.heightPx) {
		throw new GlassworksError("engine_invalid", "The mask must have the size of the image.");
	}
	return repaintPicture(run, glyph, job.params, { image, mask }, context);
}

async function runFill(job: JobOf<"telea" | "mirror">, fill: typeof fillTelea): Promise<StepOutput> {
	const filled = await fill(await decode(job.image), await decodeMask(job.mask));
	return { pictures: { image: await encodePng(filled) }, data: { method: job.kind } };
}

async function runUpscale(run: OnnxRun, job: JobOf<"upscale">, context: StepContext): Promise<StepOutput> {
	const [image, alpha] = [await decode(job.image), await decodeAlpha(job.image)];
	const large = await upscaleImage(run, job.file, image, (fraction) => context.onProgress({ fraction }));
	const largeAlpha = alpha && (await resizePlane(alpha, large.widthPx, large.heightPx));
	return { pictures: { image: await encodePng(large, largeAlpha) }, data: {} };
}

async function runDetect(run: OnnxRun, job: JobOf<"detect_faces">, modelsDir: string): Promise<StepOutput> {
	const faces = await detectFaces(run, await decode(job.image), modelsDir);
	return { pictures: {}, data: { faces, faceCount: faces.length } };
}

async function runRestore(run: OnnxRun, job: JobOf<"restore_faces">, context: StepContext): Promise<StepOutput> {
	const { faces, fidelity } = job.params;
	const restored = await restoreFaces(run, await decode(job.image), faces, fidelity, {
		weightsFile: job.file,
		takesFidelity: job.takesFidelity,
		signal: context.signal,
		onProgress: (fraction) => context.onProgress({ fraction }),
	});
	return { pictures: { image: await encodePng(restored) }, data: { faceCount: faces.length } };
}
