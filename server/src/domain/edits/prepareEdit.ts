import { GlassworksError } from "../errors.ts";
import type { KeepingRequest } from "../jobs/generationRequest.ts";
import type { BlobRef } from "../jobs/job.ts";
import type { WorkerStore } from "../jobs/workerStore.ts";
import type { JsonObject } from "../json.ts";
import { overPlan } from "../plans/betterPlan.ts";
import type { OperatorConfig, Plan, Principal } from "../plans/operatorConfig.ts";
import type { BlobStore, Picture, PictureGate, PictureLimits } from "../ports.ts";
import { chooseEditModel, type EditChoice } from "./chooseEditModel.ts";
import { chooseWindow, type EditWindow } from "./chooseWindow.ts";
import type { EditArea, EditRequest } from "./editRequest.ts";
import { hasShapeOf, type MaskRequest, type MaskSource, type PixelBox, polygonsInPixels } from "./mask.ts";

export interface EditPorts {
	config: OperatorConfig;
	workers: Pick<WorkerStore, "live">;
	pictures: PictureGate;
	blobs: Pick<BlobStore, "get" | "put">;
	/** Of pictures that users send; enlarged ones too stay within. */
	pictureLimits: PictureLimits;
	dedicatedPools(tenantId: string): Promise<Readonly<Record<string, string>>>;
	liveForMs: number;
}

/** An edit ready to be submitted: its model chosen, its mask made, what the model is shown cut out. */
export interface PreparedEdit extends KeepingRequest {
	/** What the steps of the workflow `edit` refer to, but for the seed. */
	edit: JsonObject;
	/** The part of the picture that the model is shown, and the size it paints it at. */
	window: PixelBox;
	paint: { widthPx: number; heightPx: number };
	seed: number | null;
	count: number;
	runAfter: Date | null;
	metadata: Record<string, string>;
}

/**
 * Chooses the model and makes every picture the edit needs, once for all its runs.
 * @throws {GlassworksError} edit_unavailable, mask_invalid, unknown_model, model_not_in_plan, size_over_plan, unsupported_by_model,
 * picture_*, decode_limit
 */
export async function prepareEdit(ports: EditPorts, principal: Principal, asked: EditRequest): Promise<PreparedEdit> {
	const { config } = ports;
	const plan = config.plans[principal.plan];
	if (!plan) throw new GlassworksError("forbidden", `Your account is on the plan "${principal.plan}", which this server no longer has.`);
	const [live, dedicated] = await Promise.all([ports.workers.live(ports.liveForMs), ports.dedicatedPools(principal.tenantId)]);
	const base = Object.entries(config.pools).find(([, { steps }]) => steps.includes("inpaint"))?.[0] ?? "";
	const { operation, model, refine, shapeFidelity } = asked;
	const choice = chooseEditModel(
		{ operation, model, control: refine?.control ?? null, shapeGuided: shapeFidelity !== null, prompted: asked.prompt !== "" },
		{ config, plan, planName: principal.plan, live, pool: dedicated[base] ?? base },
	);
	const { pictures, window } = await makePictures(ports, { ...principal, planDetails: plan }, asked, choice);
	const { runAfter, metadata, count, seed, deleteAfterS = null, useCache = true } = asked;
	const edit = { ...settingsOf(asked, choice, config), ...pictures, ...window.paint, window: { ...window.box } };
	return { edit, window: window.box, paint: window.paint, ...{ runAfter, metadata, count, seed, deleteAfterS, useCache } };
}

type Asker = Principal & { planDetails: Plan };

async function makePictures(
	ports: EditPorts,
	asker: Asker,
	asked: EditRequest,
	{ model }: EditChoice,
): Promise<{ pictures: JsonObject; window: EditWindow }> {
	const store = storeFor(ports, asker.tenantId);
	const { area } = asked;
	if (area.kind === "extend") checkExtended(asked.image, area, asker, ports);
	const original =
		area.kind === "extend"
			? await store.change(asked.image, (bytes) => ports.pictures.extend(bytes, area.margins, ports.pictureLimits))
			: asked.image;
	const { mask, box } = await makeMask(ports, asker.tenantId, asked, original);
	const window = chooseWindow(box, original, {
		minSidePx: model.minSidePx,
		maxSidePx: Math.min(model.maxSidePx, asker.planDetails.maxSidePx ?? model.maxSidePx),
		usualSidePx: model.defaultSidePx,
		// Latents of the networks that engines run are an eighth of the picture.
		multiplePx: model.recipe ? 8 : 1,
	});
	const part = { box: window.box, ...window.paint };
	const isWhole = isWholePicture(window, original);
	const paintImage = isWhole ? original : await store.change(original, (bytes) => ports.pictures.cut(bytes, { kind: "picture", ...part }));
	const paintMask = await store.change(mask, (bytes) => ports.pictures.cut(bytes, { kind: "mask", ...part }));
	const pictures = refs({ source: asked.image, image: original, mask, paintImage, paintMask });
	return { pictures: { ...pictures, controlImages: asked.refine ? [{ ...paintImage }] : [] }, window };
}

function isWholePicture({ box, paint }: EditWindow, picture: BlobRef): boolean {
	const sameSize = (size: { widthPx: number; heightPx: number }) => size.widthPx === picture.widthPx && size.heightPx === picture.heightPx;
	return sameSize(box) && sameSize(paint);
}

/** The part that is new must be within the plan, all of it within what pictures may have. */
function checkExtended(
	{ widthPx, heightPx }: BlobRef,
	{ margins }: EditArea & { kind: "extend" },
	{ planDetails, plan }: Asker,
	{ pictureLimits: limits, config }: Pick<EditPorts, "pictureLimits" | "config">,
): void {
	const [across, down] = [margins.left + margins.right, margins.top + margins.bottom];
	const asked = Math.max(across > 0 ? widthPx + across : 0, down > 0 ? heightPx + down : 0);
	const { maxSidePx: max } = planDetails;
	if (max !== null && asked > max) {
		const message = `The plan ${plan} renders up to ${max} px per side; extended, the picture would have ${asked}`;
		throw overPlan(config, {
			limit: "max_side",
			max,
			asked,
			message,
			fields: [{ path: ["extend"], message: `at most ${max} px per side in all` }],
		});
	}
	const pixels = (widthPx + across) * (heightPx + down);
	if (pixels <= limits.maxPixels) return;
	const message = `Extended, the picture would have ${pixels} pixels; at most ${limits.maxPixels} are allowed.`;
	throw new GlassworksError("picture_too_large", message, { max: limits.maxPixels, asked: pixels }, [{ path: ["extend"], message }]);
}

async function makeMask(
	ports: EditPorts,
	tenantId: string,
	{ area, operation }: EditRequest,
	picture: BlobRef,
): Promise<{ mask: BlobRef; box: PixelBox }> {
	const { blobs, pictures, pictureLimits } = ports;
	const file =
		area.kind === "mask" && area.source.kind === "file"
			? area.source.file
			: area.kind === "mask" && area.source.kind === "alpha"
				? picture
				: null;
	const bytes = file ? await blobs.get(tenantId, file.sha256) : new Uint8Array();
	const { picture: made, box, isFull } = await pictures.mask(bytes, maskRequest(area, picture), pictureLimits);
	if (!box) throw maskError("empty", emptyReason(area), area.kind);
	if (isFull && (operation === "remove" || operation === "fill"))
		throw maskError(
			"full",
			`it covers the whole picture, so that nothing is left to ${operation} from; mark less, or feather and grow less`,
		);
	return { mask: await storeFor(ports, tenantId).keep(made), box };
}

function maskRequest(area: EditArea, picture: BlobRef): MaskRequest {
	const { widthPx, heightPx } = picture;
	if (area.kind === "extend")
		return { source: { kind: "border", margins: area.margins }, invert: false, widthPx, heightPx, growPx: 0, featherPx: area.featherPx };
	const { invert, growPx, featherPx } = area;
	return { source: sourceOf(area.source, picture), invert, widthPx, heightPx, growPx, featherPx };
}

function sourceOf(source: (EditArea & { kind: "mask" })["source"], picture: BlobRef): MaskSource {
	if (source.kind === "polygons") return { kind: "polygons", polygons: polygonsInPixels(source.polygons, picture) };
	if (source.kind === "alpha") return source;
	const { file, channel } = source;
	if (hasShapeOf(file, picture)) return { kind: "file", channel };
	const sizes = `${file.widthPx}x${file.heightPx} px and the picture ${picture.widthPx}x${picture.heightPx} px (upright)`;
	throw maskError("shape", `it must have the picture's shape; it has ${sizes}`);
}

function emptyReason(area: EditArea): string {
	if (area.kind === "extend") return "must add at least a pixel on one side";
	if (area.source.kind === "alpha") return "the picture has no transparent part to repaint";
	const shrunk = area.growPx < 0 ? `, shrunk by ${-area.growPx} px` : "";
	return `nothing is marked to be repainted${shrunk}; white, or what polygons enclose, is repainted, or with invert the rest`;
}

function maskError(reason: "empty" | "full" | "shape", message: string, field: EditArea["kind"] = "mask"): GlassworksError {
	return new GlassworksError("mask_invalid", `${field}: ${message}.`, { reason }, [{ path: [field], message }]);
}

/** Everything of the request that is no picture, in the words that steps refer to. */
function settingsOf(asked: EditRequest, { model, net }: EditChoice, config: OperatorConfig): JsonObject {
	const { operation, prompt, shapeFidelity, guidance, count, refine, runAfter } = asked;
	// A model that was not asked for is not asked for more steps than it has.
	const steps = Math.min(asked.steps ?? model.defaultSteps, asked.model === null ? model.maxSteps : 150);
	return {
		...{ workflow: "edit", model: model.name, operation, prompt, negativePrompt: "", shapeFidelity, guidance, count, steps, strength: 1 },
		controls: net && refine ? [{ net: net.name, strength: refine.strength, start: 0, end: 1, preprocess: true }] : [],
		...{ restoreFaces: asked.restoreFaces, faceRestorer: asked.faceRestorer, faceFidelity: asked.faceFidelity, upscale: asked.upscale },
		...{ format: asked.format, quality: asked.quality, embedRecipe: asked.embedRecipe },
		...{ upscaleModel: config.upscaleModels[model.content], runAfter: runAfter?.toISOString() ?? null },
	};
}

const refs = (pictures: Record<string, BlobRef>): JsonObject =>
	Object.fromEntries(Object.entries(pictures).map(([role, ref]) => [role, { ...ref }]));

function storeFor({ blobs }: EditPorts, tenantId: string) {
	const keep = async ({ bytes, mediaType, widthPx, heightPx }: Picture): Promise<BlobRef> => {
		const { sha256 } = await blobs.put(tenantId, bytes);
		return { sha256, mediaType, widthPx, heightPx, bytes: bytes.byteLength };
	};
	return {
		keep,
		change: async (from: BlobRef, change: (bytes: Uint8Array) => Promise<Picture>) =>
			keep(await change(await blobs.get(tenantId, from.sha256))),
	};
}
