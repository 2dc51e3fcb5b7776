import type { ErrorCode } from "../../../src/domain/errors.ts";
import type { JsonObject } from "../../../src/domain/json.ts";
import type { Engine, Picture, StepRequest } from "../../../src/domain/ports.ts";
import { drawOnBlack, plainPicture, toPicture } from "../../support/testPictures.ts";

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
	/** Ways to fail beyond those that every engine has. */
	failing: Failing[];
	/** The same engine where no server is; null: it needs none. */
	unreachable: Engine | null;
	/** Really draws: the same step gives the same pixels. A replay does not. */
	draws: boolean;
	close(): Promise<void>;
}

/** A step that fails, and by what code. */
export interface Failing {
	code: ErrorCode;
	request: StepRequest;
	/** Instead of the subject's: one whose server fails so. */
	engine?: Engine;
	/** Done when it first tells progress. */
	meanwhile?(): void;
}

export interface EngineKind {
	name: string;
	present: boolean;
	open(): Promise<EngineSubject>;
}

export const silentLog = { info() {}, warn() {}, error() {} };

/** White in the middle half. */
export async function middleMask(side: number): Promise<Picture> {
	const [at, half] = [Math.round(side / 4), Math.round(side / 2)];
	return toPicture(drawOnBlack(side, side, `<rect x="${at}" y="${at}" width="${half}" height="${half}" fill="#fff"/>`));
}

export function drawing(model: string, side: number, more: JsonObject = {}): StepRequest {
	const params = { prompt: "a red cube", seed: 7, steps: 4, widthPx: side, heightPx: side, ...more };
	return { kind: "generate", model, params, inputs: {} };
}

export async function repainting(model: string, side: number, more: JsonObject = {}): Promise<StepRequest> {
	const [image, mask] = await Promise.all([plainPicture(side, side), middleMask(side)]);
	return { ...drawing(model, side, { strength: 1, ...more }), kind: "inpaint", inputs: { image, mask } };
}
