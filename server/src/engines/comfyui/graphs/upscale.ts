import type { StepRequest } from "../../../domain/ports.ts";
import { pictureToCome } from "../../../domain/workflows/comfy/fillGraph.ts";
import { readStepParams, readStepPicture } from "../../../domain/workflows/readStepParams.ts";
import { maxSidePx } from "./drawing.ts";
import type { Graph } from "./graph.ts";
import { findInstalled, upscalerSlot } from "./installed.ts";
import type { Link } from "./nodeTypes.ts";
import { type Known, missing, refuse } from "./readRequest.ts";

/**
 * The picture exactly `factor` times larger. Nothing says what factor a net was trained for, so its result is always brought to the size; when
 * it has it already, that changes nothing. @throws {GlassworksError} `model_missing`, `engine_invalid`
 */
export function upscale(graph: Graph, request: StepRequest, { registry, nodes }: Known): Link<"IMAGE"> {
	const { factor } = readStepParams("upscale", request);
	const picture = readStepPicture(request, "image");
	const [width, height] = [picture.widthPx * factor, picture.heightPx * factor];
	if (Math.max(width, height) > maxSidePx) refuse("image", `must have at most ${maxSidePx / factor} px per side.`);
	const upscaler = registry.upscalers.find(({ name }) => name === request.model);
	const file = findInstalled(nodes, upscalerSlot(upscaler?.files ?? [])) ?? missing("upscaler", request.model);
	const [loaded] = graph.add("image", "LoadImage", { image: pictureToCome("image") });
	const [upscale_model] = graph.add("upscaler", "UpscaleModelLoader", { model_name: file });
	const [image] = graph.add("upscale", "ImageUpscaleWithModel", { upscale_model, image: loaded });
	return graph.add(`${factor} times`, "ImageScale", { image, upscale_method: "lanczos", width, height, crop: "disabled" })[0];
}
