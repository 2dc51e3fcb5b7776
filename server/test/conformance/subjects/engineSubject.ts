import sharp from "sharp";
import type { JsonObject } from "../../../src/domain/json.ts";
import type { Engine, Picture, StepRequest } from "../../../src/domain/ports.ts";

/** An engine as the suite sees it. */
export interface EngineSubject {
	engine: Engine;
	/** Steps that it can do, one of each capability that the suite is to try. */
	samples: StepRequest[];
	/** A step of a kind it has, with a model it has not. */
	lacking: StepRequest;
	/** A step with a parameter out of range, and that parameter's name. */
	wrong: { request: StepRequest; field: string };
	/** A step that is still running when `begun` resolves; left out: when it first tells progress. */
	long: { request: StepRequest; begun?(): Promise<void> };
	/** The same engine where no server is; null: it needs none. */
	unreachable: Engine | null;
	/** Really draws: the same step gives the same pixels. A replay does not. */
	draws: boolean;
	close(): Promise<void>;
}

export interface EngineKind {
	name: string;
	present: boolean;
	open(): Promise<EngineSubject>;
}

export const silentLog = { info() {}, warn() {}, error() {} };

export async function plainPicture(side: number, background = "#7a8ea0"): Promise<Picture> {
	const bytes = await sharp({ create: { width: side, height: side, channels: 3, background } })
		.png()
		.toBuffer();
	return { bytes, mediaType: "image/png", widthPx: side, heightPx: side };
}

/** White in the middle half. */
export async function middleMask(side: number): Promise<Picture> {
	const half = Math.round(side / 2);
	const white = await plainPicture(half, "#ffffff");
	const at = Math.round(side / 4);
	const bytes = await sharp((await plainPicture(side, "#000000")).bytes)
		.composite([{ input: Buffer.from(white.bytes), left: at, top: at }])
		.png()
		.toBuffer();
	return { bytes, mediaType: "image/png", widthPx: side, heightPx: side };
}

export function drawing(model: string, side: number, more: JsonObject = {}): StepRequest {
	const params = { prompt: "a red cube", seed: 7, steps: 4, widthPx: side, heightPx: side, ...more };
	return { kind: "generate", model, params, inputs: {} };
}

export async function repainting(model: string, side: number, more: JsonObject = {}): Promise<StepRequest> {
	const [image, mask] = await Promise.all([plainPicture(side), middleMask(side)]);
	return { ...drawing(model, side, { strength: 1, ...more }), kind: "inpaint", inputs: { image, mask } };
}
