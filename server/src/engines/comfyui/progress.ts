import type { ApiGraph, ApiNode } from "../../domain/engines/apiGraph.ts";
import { asArray, asNumber, asObject, asText, type JsonObject } from "../../domain/json.ts";
import type { StepProgress } from "../../domain/ports.ts";
import type { EventFrame } from "./frames.ts";

/** More is not known to be done before HTTP says so. */
const mostKnown = 0.99;

/**
 * Turns a prompt's frames into the progress of its whole graph: a node counts 1, a sampler as much more as it has steps. Frames may be
 * missing, doubled or out of order; progress never goes back. Null: the frame says nothing new.
 */
export function trackProgress(graph: ApiGraph): (frame: EventFrame) => StepProgress | null {
	const weights = weighNodes(graph);
	const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
	const done = new Map<string, number>();
	let playing: string | null = null;
	let sampling: Pick<StepProgress, "step" | "steps"> = {};
	let best = 0;

	function advance(node: string, part: number, counts: JsonObject = {}): void {
		const weight = weights.get(node);
		if (weight === undefined || part <= (done.get(node) ?? 0)) return;
		done.set(node, Math.min(1, part));
		const [step, steps] = [asNumber(counts.value), asNumber(counts.max)];
		if (weight > 1 && step !== null && steps !== null) sampling = { step, steps };
	}

	function hear({ type, data }: EventFrame): void {
		const node = asText(data.node);
		if (type === "execution_cached") for (const id of asArray(data.nodes)) advance(String(id), 1);
		if (type === "executed" && node !== null) advance(node, 1);
		if (type === "progress" && node !== null) advance(node, partOf(data), data);
		if (type === "progress_state") {
			for (const [id, state] of Object.entries(asObject(data.nodes))) advance(id, partOf(asObject(state)), asObject(state));
		}
		if (type === "executing") {
			// Nodes run one after another.
			if (playing !== null && playing !== node) advance(playing, 1);
			playing = node;
		}
	}

	return (frame) => {
		hear(frame);
		const reached = [...done].reduce((sum, [id, part]) => sum + (weights.get(id) ?? 0) * part, 0);
		const fraction = Math.min(mostKnown, reached / Math.max(1, total));
		if (fraction <= best) return null;
		best = fraction;
		return { fraction, ...sampling };
	};
}

function partOf({ value, max, state }: JsonObject): number {
	if (state === "finished") return 1;
	const [done, all] = [asNumber(value) ?? 0, asNumber(max) ?? 0];
	return all > 0 ? Math.min(1, Math.max(0, done / all)) : 0;
}

function weighNodes(graph: ApiGraph): Map<string, number> {
	const nodes = Object.entries(graph);
	const most = Math.max(0, ...nodes.map(([, node]) => stepsOf(node)));
	const weigh = (node: ApiNode) => {
		// A scheduler only lists the steps; the sampler that is given its list takes them.
		if ("sigmas" in node.inputs) return most;
		return /scheduler/i.test(node.class_type) ? 0 : stepsOf(node);
	};
	return new Map(nodes.map(([id, node]) => [id, 1 + weigh(node)]));
}

function stepsOf({ inputs }: ApiNode): number {
	return Math.min(10_000, Math.max(0, asNumber(inputs.steps) ?? 0));
}
