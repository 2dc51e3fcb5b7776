import { GlassworksError } from "../errors.ts";
import type { Picture, StepKind, StepRequest } from "../ports.ts";
import { type StepParams, stepParams } from "./stepParams.ts";

/** A step's parameters as an engine takes them. @throws {GlassworksError} engine_invalid, with every wrong field */
export function readStepParams<K extends StepKind>(kind: K, request: StepRequest): StepParams<K> {
	const parsed = stepParams[kind].safeParse(request.params);
	if (parsed.success) return parsed.data as StepParams<K>;
	const fields = parsed.error.issues.map(({ path, message }) => ({
		path: path.map((key) => (typeof key === "number" ? key : String(key))),
		message,
	}));
	const summary = fields.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
	throw new GlassworksError("engine_invalid", `The parameters of ${kind} are wrong: ${summary}`, {}, fields);
}

/** A picture that the step cannot do without. @throws {GlassworksError} engine_invalid, naming the role */
export function readStepPicture({ kind, inputs }: StepRequest, role: string): Picture {
	const picture = Object.hasOwn(inputs, role) ? inputs[role] : undefined;
	if (picture) return picture;
	throw refusal(role, `the step ${kind} needs a picture for it.`);
}

/** What an edit changes, and where. @throws {GlassworksError} engine_invalid when one is not there, or their sizes differ */
export function readImageAndMask(request: StepRequest): { image: Picture; mask: Picture } {
	const [image, mask] = [readStepPicture(request, "image"), readStepPicture(request, "mask")];
	if (image.widthPx === mask.widthPx && image.heightPx === mask.heightPx) return { image, mask };
	const sizes = `${mask.widthPx} x ${mask.heightPx} and not ${image.widthPx} x ${image.heightPx}`;
	throw refusal("mask", `must have the size of the image; it is ${sizes}.`);
}

function refusal(role: string, message: string): GlassworksError {
	return new GlassworksError("engine_invalid", `${role}: ${message}`, { field: role }, [{ path: [role], message }]);
}
