import type { Asked, AssetBody, EditBody } from "../../contract/door.ts";
import { askFor } from "../common/askFor.ts";
import type { Target } from "../common/resolveName.ts";
import { type ImagesRequest, valuesOf } from "./readRequest.ts";

/**
 * With a mask, what is clear in it is drawn anew and the rest stays to the bit, in the picture's own size. Without one, the picture is
 * drawn over as a whole.
 */
export function askForEdit(target: Target, body: ImagesRequest, image: AssetBody, mask: AssetBody | null): Asked {
	const { width, height, upscale: _upscale, ...values } = valuesOf(body);
	const source = { asset_id: image.id };
	if (mask && target.kind === "model") {
		const area = { image: { asset_id: mask.id }, channel: "alpha" as const, invert: true };
		return { kind: "edit", body: { ...values, operation: "replace", image: source, mask: area, model: target.model } as EditBody };
	}
	const size = { width: width ?? image.width, height: height ?? image.height };
	return askFor(target, {
		...values,
		...size,
		upscale: false,
		image: source,
		...(mask ? { mask: { asset_id: mask.id } } : {}),
		...body.glassworks,
	});
}
