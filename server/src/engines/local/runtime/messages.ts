import type { ErrorCode, FieldError } from "../../../domain/errors.ts";
import type { JsonObject } from "../../../domain/json.ts";
import type { Picture, StepOutput, StepProgress } from "../../../domain/ports.ts";
import type { StepParams } from "../../../domain/workflows/stepParams.ts";

/** What the thread is started with. */
export interface ThreadData {
	/** Folder of the shipped networks. */
	readonly modelsDir: string;
}

/** One piece of work for the thread. `file` is the absolute path of the network to use. Bytes are encoded pictures that were checked before. */
export type Job =
	| { readonly kind: "generate"; readonly params: StepParams<"generate">; readonly image: Uint8Array | null }
	| { readonly kind: "inpaint"; readonly params: StepParams<"inpaint">; readonly image: Uint8Array; readonly mask: Uint8Array }
	| { readonly kind: "telea" | "mirror"; readonly image: Uint8Array; readonly mask: Uint8Array }
	| {
			readonly kind: "composite";
			readonly params: StepParams<"composite">;
			readonly image: Uint8Array;
			readonly original: Uint8Array;
			readonly mask: Uint8Array;
	  }
	| { readonly kind: "resize"; readonly params: StepParams<"resize">; readonly image: Uint8Array }
	| { readonly kind: "upscale"; readonly file: string; readonly image: Uint8Array }
	| { readonly kind: "detect_faces"; readonly image: Uint8Array }
	| {
			readonly kind: "restore_faces";
			readonly file: string;
			/** Whether the network has an input for fidelity. */
			readonly takesFidelity: boolean;
			readonly params: StepParams<"restore_faces">;
			readonly image: Uint8Array;
	  };

export type ToThread =
	| { readonly type: "run"; readonly id: number; readonly job: Job }
	| { readonly type: "abort"; readonly id: number }
	/** Ends the thread once its work is done. */
	| { readonly type: "close" };

export type FromThread =
	| { readonly type: "progress"; readonly id: number; readonly progress: StepProgress }
	| { readonly type: "preview"; readonly id: number; readonly preview: Picture }
	| { readonly type: "done"; readonly id: number; readonly output: StepOutput }
	| { readonly type: "failed"; readonly id: number; readonly error: PlainError };

/** A GlassworksError as data: error classes do not survive the way between threads. */
export interface PlainError {
	readonly code: ErrorCode;
	readonly message: string;
	readonly data: JsonObject;
	readonly fields: FieldError[];
}
