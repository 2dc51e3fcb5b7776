import type { JsonObject } from "../json.ts";
import type { OperatorConfig } from "../plans/operatorConfig.ts";
import type { StepKind } from "../ports.ts";
import type { EditOperation, Traits } from "./traits.ts";

/** Repainting a masked part by a prompt: what `inpaint` is without more being said. */
const plainOperation: EditOperation = "replace";

/** What a worker can do with a capability beyond the plain step, as names that requirements are looked up in. */
export function abilitiesOf(traits: Traits): string[] {
	return [
		...traits.operations.map((operation) => `edit:${operation}`),
		...traits.controlNets.map((net) => `net:${net}`),
		...traits.preprocessors.map((kind) => `map:${kind}`),
		...traits.loras.map((name) => `lora:${name}`),
		...(traits.ownLoras ? [ownLora] : []),
		...(traits.shapeGuided ? ["shape"] : []),
		...(traits.hiresFix ? ["hires_fix"] : []),
		...(traits.imageToImage ? [fromPicture] : []),
	];
}

/** Whether a step that `wanted` promises can be run by who has `traits`. */
export function canAllOf(traits: Traits, wanted: Traits): boolean {
	const covers = (has: readonly string[], wants: readonly string[]) => wants.every((each) => has.includes(each));
	const most = (of: Traits) => of.maxControlNets ?? Number.POSITIVE_INFINITY;
	return (
		covers(abilitiesOf(traits), abilitiesOf(wanted)) &&
		covers(traits.samplers, wanted.samplers) &&
		covers(traits.schedulers, wanted.schedulers) &&
		most(traits) >= most(wanted) &&
		traits.ignoresPrompt === wanted.ignoresPrompt
	);
}

const fromPicture = "image_to_image";
/** To load LoRAs whose files come with the step. */
const ownLora = "own_loras";

interface Drawing {
	operation?: EditOperation;
	shapeFidelity?: number | null;
	controls?: { net: string; preprocess?: boolean }[];
	loras?: { name: string }[];
	hiresFix?: object | null;
}

/** What a step with pictures in these roles asks of its worker besides the capability; null: nothing. Of several workers with a capability some may lack it. */
export function requirementsOf(
	{ kind, params, roles }: { kind: StepKind; params: JsonObject; roles: readonly string[] },
	{ controlNets }: Pick<OperatorConfig, "controlNets">,
	ownLoras: ReadonlyMap<string, unknown> = new Map(),
): string[] | null {
	if (kind !== "generate" && kind !== "inpaint") return null;
	const { operation = plainOperation, shapeFidelity, controls = [], loras = [], hiresFix } = params as Drawing;
	const maps = controls.flatMap(({ net, preprocess }) =>
		preprocess ? (controlNets.find(({ name }) => name === net)?.preprocessor ?? []) : [],
	);
	const names = [
		...(kind === "inpaint" && operation !== plainOperation ? [`edit:${operation}`] : []),
		...(kind === "inpaint" && typeof shapeFidelity === "number" ? ["shape"] : []),
		...controls.map(({ net }) => `net:${net}`),
		...maps.map((map) => `map:${map}`),
		...loras.map(({ name }) => (ownLoras.has(name) ? ownLora : `lora:${name}`)),
		...(hiresFix ? ["hires_fix"] : []),
		...(kind === "generate" && roles.includes("image") ? [fromPicture] : []),
	];
	return names.length > 0 ? [...new Set(names)] : null;
}
