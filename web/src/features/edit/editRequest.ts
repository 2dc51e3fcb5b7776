import type { CreateEdit } from "@glassworks/sdk";
import type { Rect, Size } from "./canvas/rect.ts";
import { isExtended, type Margins } from "./outpaint.ts";
import { type PictureRef, toInput } from "./pictureRef.ts";

export const operations = ["remove", "replace", "insert", "outpaint"] as const;
export type Operation = (typeof operations)[number];

export interface EditSettings {
	operation: Operation;
	prompt: string;
	featherPx: number;
	margins: Margins;
	count: number;
}

export const maxPrompt = 2_000;
export const takesPrompt = (operation: Operation): boolean => operation !== "remove";
export const needsPrompt = (operation: Operation): boolean => operation === "replace" || operation === "insert";

/** What is still to be done before it can be sent; null: nothing. */
export function missing({ operation, prompt, margins }: EditSettings, box: Rect | null, isFull: boolean): string | null {
	if (operation === "outpaint") return isExtended(margins) ? null : "Pull a side of the picture outwards, or choose a shape.";
	if (!box)
		return { remove: "Paint over what is to go.", replace: "Paint over what is to change.", insert: "Paint where it is to be." }[operation];
	if (isFull) return "All of the picture is marked: leave some of it for the edit to go by.";
	return needsPrompt(operation) && prompt.trim() === "" ? "Say what is to be there." : null;
}

type Area = Pick<CreateEdit, "mask" | "extend">;

function withArea(base: PictureRef, { operation, prompt, count }: EditSettings, area: Area): CreateEdit {
	const words = takesPrompt(operation) && prompt.trim() !== "" ? { prompt: prompt.trim() } : {};
	return { operation, image: toInput(base), count, ...words, ...area };
}

/** @param maskId the uploaded mask; for every operation but outpaint */
export function toRequest(base: PictureRef, settings: EditSettings, maskId: string | null): CreateEdit {
	if (maskId === null) return withArea(base, settings, { extend: settings.margins });
	const mask = { image: { asset_id: maskId }, channel: "luminance" as const, feather: settings.featherPx };
	return withArea(base, settings, { mask });
}

/** Parts of a picture's side that the mask's box is taken in for the price: small changes then ask nothing anew. */
const grid = 16;

/**
 * The same edit with the box around the mask instead of the mask: what it costs and what would do it are the same, and no file is sent.
 * Without a mask, the middle of the picture. The words do not change the price and are left out.
 */
export function toQuoted(base: PictureRef, settings: EditSettings, box: Rect | null, size: Size): CreateEdit {
	const asked = { ...settings, prompt: needsPrompt(settings.operation) ? "a thing" : settings.prompt.trim() && "a thing" };
	if (settings.operation === "outpaint") {
		const margins = isExtended(settings.margins) ? settings.margins : { ...settings.margins, right: 64 };
		return withArea(base, asked, { extend: margins });
	}
	const { left, top, right, bottom } = quotedBox(box, size);
	const corners = [
		[left, top],
		[right, top],
		[right, bottom],
		[left, bottom],
	] as [number, number][];
	return withArea(base, asked, { mask: { polygons: [corners], feather: 0 } });
}

function quotedBox(box: Rect | null, { width, height }: Size): Rect {
	const part = (value: number, length: number, round: (value: number) => number) =>
		Math.min(length, Math.round((round((value / length) * grid) / grid) * length));
	const { left, top, right, bottom } = box ?? {
		left: Math.floor(width / 4),
		top: Math.floor(height / 4),
		right: Math.ceil((3 * width) / 4),
		bottom: Math.ceil((3 * height) / 4),
	};
	const quoted = {
		left: part(left, width, Math.floor),
		top: part(top, height, Math.floor),
		right: part(right, width, Math.ceil),
		bottom: part(bottom, height, Math.ceil),
	};
	// All of it would be refused, though the mask in the box may leave enough.
	const isFull = quoted.left === 0 && quoted.top === 0 && quoted.right === width && quoted.bottom === height;
	return isFull ? { ...quoted, bottom: Math.max(1, height - 1) } : quoted;
}
