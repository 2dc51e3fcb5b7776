import type { CreateEdit } from "../contract/edit.ts";
import type { AreaSource, EditArea, EditRequest } from "../domain/edits/editRequest.ts";
import { readFinishing } from "./readGeneration.ts";
import { type PicturePorts, readPicture } from "./readPicture.ts";

/** The wire's words into the domain's; pictures it names are fetched, checked and stored. @throws {GlassworksError} as readPicture */
export async function readEdit(ports: PicturePorts, tenantId: string, body: CreateEdit): Promise<EditRequest> {
	return {
		operation: body.operation,
		prompt: body.prompt ?? "",
		image: await readPicture(ports, tenantId, ["image"], body.image),
		area: await readArea(ports, tenantId, body),
		model: body.model ?? null,
		refine: body.refine ?? null,
		shapeFidelity: body.shape_fidelity ?? null,
		count: body.count,
		seed: body.seed ?? null,
		steps: body.steps ?? null,
		guidance: body.guidance ?? null,
		...readFinishing(body),
	};
}

/** The contract has seen to it that an edit has one or the other. */
async function readArea(ports: PicturePorts, tenantId: string, { mask, extend }: CreateEdit): Promise<EditArea> {
	if (!mask) {
		const { feather = 0, left = 0, top = 0, right = 0, bottom = 0 } = extend ?? {};
		return { kind: "extend", margins: { left, top, right, bottom }, featherPx: feather };
	}
	const { invert, grow, feather } = mask;
	return { kind: "mask", source: await readSource(ports, tenantId, mask), invert, growPx: grow, featherPx: feather };
}

async function readSource(ports: PicturePorts, tenantId: string, mask: NonNullable<CreateEdit["mask"]>): Promise<AreaSource> {
	const { image, channel, polygons } = mask;
	if (image) return { kind: "file", channel, file: await readPicture(ports, tenantId, ["mask", "image"], image) };
	return polygons ? { kind: "polygons", polygons } : { kind: "alpha" };
}
