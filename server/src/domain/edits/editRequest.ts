import type { EditOperation } from "../engines/traits.ts";
import type { FinishingRequest } from "../jobs/generationRequest.ts";
import type { BlobRef } from "../jobs/job.ts";
import type { Margins, MaskChannel, Point } from "./mask.ts";

/** What an edit changes: the marked part of the picture, or a border that is added to it. */
export type EditArea =
	| { kind: "mask"; source: AreaSource; invert: boolean; growPx: number; featherPx: number }
	| { kind: "extend"; margins: Margins; featherPx: number };

/** As MaskSource, with the file stored and polygons as they were given: in pixels or as parts of the sides. */
export type AreaSource =
	| { kind: "file"; channel: MaskChannel; file: BlobRef }
	| { kind: "alpha" }
	| { kind: "polygons"; polygons: readonly (readonly Point[])[] };

/** What a caller asks to be changed in a picture. Null: not said, the model's default applies. */
export interface EditRequest extends FinishingRequest {
	operation: EditOperation;
	/** Empty for `remove` and `fill`. */
	prompt: string;
	/** Already admitted and stored. */
	image: BlobRef;
	area: EditArea;
	/** Null: the best one at hand. */
	model: string | null;
	/** Keep to the picture's own lines, depths or poses by a ControlNet of that kind. */
	refine: { control: string; strength: number } | null;
	/** 0 to 1: how closely what is drawn keeps to the mask's shape. */
	shapeFidelity: number | null;
	count: number;
	seed: number | null;
	steps: number | null;
	guidance: number | null;
}
