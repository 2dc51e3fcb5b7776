import type { Recipe } from "../../../domain/engines/registry.ts";
import { noTraits, type Traits } from "../../../domain/engines/traits.ts";
import { GlassworksError } from "../../../domain/errors.ts";
import type { JsonObject } from "../../../domain/json.ts";
import type { CapabilityInfo, Picture, StepKind, StepRequest } from "../../../domain/ports.ts";
import { buildGraph } from "./buildGraph.ts";
import { operationsOf } from "./inpaint.ts";
import { controlNetSlot, type FileSlot, findInstalled, loraSlot, upscalerSlot, waysToLoad } from "./installed.ts";
import { listPreprocessors, preprocessorNodes } from "./preprocess.ts";
import type { Known } from "./readRequest.ts";

export interface Discovery {
	capabilities: CapabilityInfo[];
	/** What this server could run if these were installed too. Files: the first choice of each that is missing. */
	missing: { name: string; files: string[] }[];
}

/** What this server can run: everything for which a graph can be built that it would accept. */
export function discover(known: Known): Discovery {
	const { models, upscalers } = known.registry;
	const drawing = models.flatMap(({ name, steps, recipe }) =>
		steps.flatMap((kind) =>
			refusalOf(known, kind, name) === null ? [{ ...info(kind, name), traits: traitsOf(known, kind, name, recipe) }] : [],
		),
	);
	const enlarging = upscalers.flatMap(({ name }) => (runs(known, { kind: "upscale", model: name }) ? [info("upscale", name)] : []));
	return {
		capabilities: [...drawing, ...enlarging, info("graph", "comfyui")],
		missing: [...missingFiles(known), ...missingNodes(known)],
	};
}

/** ComfyUI does not tell digests of its files. */
function info(kind: StepKind, model: string): CapabilityInfo {
	return { capability: `${kind}:${model}`, digest: null };
}

interface Probe {
	kind: StepKind;
	model: string;
	params?: JsonObject;
	/** Roles of pictures besides `image` and `mask` of kinds that need them. */
	roles?: string[];
}

/** A step of the plainest sort. Its sizes need every scaling there is, so that what runs runs at all sizes; its pictures are never looked at. */
function toRequest({ kind, model, params = {}, roles = [] }: Probe): StepRequest {
	const sampling = { prompt: "", seed: 0, steps: 1, widthPx: 500, heightPx: 500 };
	const picture: Picture = { bytes: new Uint8Array(), mediaType: "image/png", widthPx: 700, heightPx: 600 };
	const needed = kind === "inpaint" ? ["image", "mask"] : kind === "upscale" ? ["image"] : [];
	return {
		...{ kind, model, params: kind === "upscale" ? params : { ...sampling, ...params } },
		inputs: Object.fromEntries([...needed, ...roles].map((role) => [role, picture])),
	};
}

/** Why this server cannot run it, or null. */
function refusal(known: Known, probe: Probe): GlassworksError | null {
	try {
		buildGraph(toRequest(probe), known);
		return null;
	} catch (error) {
		if (error instanceof GlassworksError) return error;
		throw error;
	}
}

/** The same of the whole step: repainting at full strength needs other nodes than below it. */
function refusalOf(known: Known, kind: StepKind, model: string): GlassworksError | null {
	return refusal(known, { kind, model, params: { strength: 1 } }) ?? refusal(known, { kind, model, params: { strength: 0.5 } });
}

function runs(known: Known, probe: Probe): boolean {
	return refusal(known, probe) === null;
}

function traitsOf(known: Known, kind: StepKind, model: string, recipe: Recipe): Traits {
	const can = (params: JsonObject, roles: string[] = []) => runs(known, { kind, model, params, roles });
	const { controlNets, loras } = known.registry;
	return {
		...noTraits,
		operations: kind === "inpaint" ? operationsOf(recipe) : [],
		controlNets: controlNets.map(({ name }) => name).filter((net) => can({ controls: [{ net }] }, ["control_0"])),
		maxControlNets: null,
		preprocessors: listPreprocessors(known.nodes),
		samplers: choicesOf(known, "KSampler", "sampler_name"),
		schedulers: choicesOf(known, "KSampler", "scheduler"),
		loras: loras.map(({ name }) => name).filter((name) => can({ loras: [{ name }] })),
		hiresFix: can({ hiresFix: { scale: 2, strength: 0.5 } }) && can({ hiresFix: { scale: 2, strength: 0.4 } }),
		imageToImage: kind === "generate" && can({}, ["image"]),
	};
}

function choicesOf({ nodes }: Known, node: string, input: string): string[] {
	return (nodes.get(node)?.inputs.find(({ name }) => name === input)?.options ?? []).map(String);
}

function missingFiles({ registry, nodes }: Known): Discovery["missing"] {
	const absent = (slots: FileSlot[]) => slots.filter((slot) => findInstalled(nodes, slot) === null).map(({ files }) => files[0] ?? "");
	const fewest = (recipe: Recipe) =>
		waysToLoad(recipe)
			.map(({ slots }) => absent(slots))
			.toSorted((a, b) => a.length - b.length)[0] ?? [];
	const named = [
		...registry.models.map(({ name, recipe }) => ({ name, files: fewest(recipe) })),
		...registry.controlNets.map(({ name, files }) => ({ name, files: absent([controlNetSlot(files)]) })),
		...registry.loras.map(({ name, files }) => ({ name, files: absent([loraSlot(files)]) })),
		...registry.upscalers.map(({ name, files }) => ({ name, files: absent([upscalerSlot(files)]) })),
	];
	return named.filter(({ files }) => files.length > 0);
}

/** Nodes that some step or some ControlNet's maps need. */
function missingNodes(known: Known): Discovery["missing"] {
	const { models, controlNets } = known.registry;
	const steps = models.flatMap(({ name, steps }) =>
		steps.flatMap((kind) => {
			const nodes = refusalOf(known, kind, name)?.data.nodes;
			return Array.isArray(nodes) ? [{ name: `${kind}:${name}`, files: nodes.map((node) => `node ${node}`) }] : [];
		}),
	);
	const can = listPreprocessors(known.nodes);
	const kinds = new Set(controlNets.flatMap(({ preprocessor }) => (preprocessor && !can.includes(preprocessor) ? [preprocessor] : [])));
	return [...steps, ...[...kinds].map((kind) => ({ name: `preprocessor:${kind}`, files: [`custom_nodes/${preprocessorNodes}`] }))];
}
