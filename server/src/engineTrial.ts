import sharp from "sharp";
import type { Model, OperatorConfig } from "./domain/plans/operatorConfig.ts";
import type { CapabilityInfo, Picture, StepKind, StepRequest } from "./domain/ports.ts";

const sidePx = 512;
/** Few: whether it works is asked, not how well. */
const steps = 4;

/** One small step that shows whether an engine works, of the most telling kind it has; null: it has none of them. */
export async function trialStep(config: OperatorConfig, infos: readonly CapabilityInfo[]): Promise<StepRequest | null> {
	for (const kind of ["generate", "inpaint", "upscale"] as const) {
		const found = infos.find(({ capability }) => capability.startsWith(`${kind}:`));
		if (!found) continue;
		const model = found.capability.slice(kind.length + 1);
		const operation = found.traits?.operations[0] ?? "replace";
		const entry = config.models.find((each) => each.name === model);
		return { kind, model, params: paramsOf(kind, entry, operation), inputs: await inputsOf(kind) };
	}
	return null;
}

function paramsOf(kind: StepKind, entry: Model | undefined, operation: string) {
	if (kind === "upscale") return {};
	const side = kind === "inpaint" ? sidePx : Math.max(sidePx, entry?.minSidePx ?? sidePx);
	const sampling = { prompt: "a lighthouse on a cliff", seed: 1, steps, widthPx: side, heightPx: side };
	return kind === "inpaint" ? { ...sampling, strength: 1, operation } : sampling;
}

async function inputsOf(kind: StepKind): Promise<Record<string, Picture>> {
	if (kind === "generate") return {};
	const side = kind === "upscale" ? 64 : sidePx;
	const image = await plain(side, "#7a8ea0");
	if (kind === "upscale") return { image };
	const hole = await sharp({ create: { width: side / 4, height: side / 4, channels: 3, background: "#ffffff" } })
		.png()
		.toBuffer();
	const mask = await sharp((await plain(side, "#000000")).bytes)
		.composite([{ input: hole }])
		.png()
		.toBuffer();
	return { image, mask: { ...image, bytes: mask } };
}

async function plain(side: number, background: string): Promise<Picture> {
	const bytes = await sharp({ create: { width: side, height: side, channels: 3, background } })
		.png()
		.toBuffer();
	return { bytes, mediaType: "image/png", widthPx: side, heightPx: side };
}
