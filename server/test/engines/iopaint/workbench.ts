import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterAll, afterEach } from "vitest";
import { type ModelRegistry, modelRegistry } from "../../../src/domain/engines/registry.ts";
import type { JsonObject } from "../../../src/domain/json.ts";
import type { Engine, Log, Picture, StepContext, StepRequest } from "../../../src/domain/ports.ts";
import { createIopaintEngine, type IopaintEngineOptions } from "../../../src/engines/iopaint/engine.ts";
import { createPictureGate } from "../../../src/pictures/gate.ts";
import { readExchange, type Script, serveRecordings } from "./recordedIopaint.ts";

export const quietLog: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** What the recorded servers have, by names of ours. */
export const registry: ModelRegistry = modelRegistry.parse({
	models: [
		{ name: "sd15", steps: ["generate", "inpaint"], recipe: { family: "sd15", iopaint: "tiny-sd15", sampler: "ddim", guidance: 7 } },
		{ name: "absent", steps: ["inpaint"], recipe: { family: "sd15", iopaint: "nobody/has-this", guidance: 7 } },
	],
	controlNets: [
		{ name: "sd15-canny", title: "Edges", family: "sd15", files: ["canny.pth"], preprocessor: "canny" },
		{ name: "sd15-lines", title: "Lines", family: "sd15", files: ["lines.pth"], preprocessor: "lineart" },
		{ name: "sdxl-canny", title: "Edges", family: "sdxl", files: ["canny-xl.pth"], preprocessor: "canny" },
	],
	loras: [],
	upscalers: [{ name: "general-x4", files: ["realesr-general-x4v3.pth"] }],
});

/** The rectangle that `marked` marks. */
const hole = { left: 90, top: 90, width: 80, height: 80 };

/** A mask of this size, white in a rectangle; `light`: how white. */
export async function marked(widthPx: number, heightPx: number, light = 255): Promise<Picture> {
	const grey = { r: light, g: light, b: light };
	const patch = await sharp({ create: { width: hole.width, height: hole.height, channels: 3, background: grey } })
		.png()
		.toBuffer();
	const bytes = await sharp({ create: { width: widthPx, height: heightPx, channels: 3, background: "black" } })
		.composite([{ input: patch, left: hole.left, top: hole.top }])
		.png()
		.toBuffer();
	return { bytes, mediaType: "image/png", widthPx, heightPx };
}

/** The 256 px photograph of the recordings. */
export function recordedPhotograph(): Picture {
	const { image } = readExchange("10-inpaint-png").request.bodyJson ?? {};
	return { bytes: Buffer.from(String(image), "base64"), mediaType: "image/png", widthPx: 256, heightPx: 256 };
}

export async function inpaintRequest(model: string, params: JsonObject = {}, mask?: Picture): Promise<StepRequest> {
	return {
		kind: "inpaint",
		model,
		params: { prompt: "", seed: 42, steps: 3, widthPx: 256, heightPx: 256, operation: "remove", ...params },
		inputs: { image: recordedPhotograph(), mask: mask ?? (await marked(256, 256)) },
	};
}

export const context = (overrides: Partial<StepContext> = {}): StepContext => ({
	signal: new AbortController().signal,
	onProgress: () => {},
	onPreview: () => {},
	...overrides,
});

/** Engines on recorded servers, with a lock folder of their own; all closed after each test. */
export function openWorkbench() {
	const pictures = createPictureGate();
	const lockDir = mkdtempSync(path.join(tmpdir(), "glassworks-iopaint-test-"));
	const closers: (() => Promise<void>)[] = [];
	const connect = (url: string, options: Partial<IopaintEngineOptions> = {}): Engine => {
		const timings = { lockPollMs: 5, quietMs: 50, ...options.timings };
		const engine = createIopaintEngine({ url, log: quietLog, pictures, lockDir, ...options, timings });
		engine.learn?.(registry);
		closers.push(() => engine.close());
		return engine;
	};
	afterEach(async () => {
		for (const close of closers.splice(0)) await close();
	});
	afterAll(async () => {
		await pictures.close();
		rmSync(lockDir, { recursive: true, force: true });
	});
	return {
		pictures,
		lockDir,
		connect,
		async serve(script: Script, options: Partial<IopaintEngineOptions> = {}) {
			const server = await serveRecordings(script);
			closers.push(() => server.close());
			return { server, engine: connect(server.url, options) };
		},
	};
}

/** A server that holds cv2 and has the tiny Stable Diffusion, until a test says otherwise. `answers`: by route. */
export function usualScript(answers: Record<string, string> = {}): Script {
	const usual: Record<string, string> = {
		"GET /api/v1/server-config": "70-server-config-with-sd15",
		"GET /api/v1/model": "02-model-current",
		"POST /api/v1/inpaint": "10-inpaint-png",
		...answers,
	};
	return ({ route, body }) => {
		const fixed = usual[route];
		if (fixed !== undefined) return fixed;
		if (route !== "POST /api/v1/model") throw new Error(`nobody should ask for ${route}`);
		if (body.name === "tiny-sd15") return "71-model-switch-sd15";
		return body.name === "cv2" ? "76-model-back-cv2" : "39-err-model-unknown";
	};
}
