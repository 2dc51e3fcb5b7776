import type { ControlNet } from "../../../domain/engines/registry.ts";
import { pictureToCome } from "../../../domain/workflows/comfy/fillGraph.ts";
import { readStepPicture } from "../../../domain/workflows/readStepParams.ts";
import type { Drawing, LoadedModel, Prompts, Size } from "./drawing.ts";
import { controlNetSlot, findInstalled } from "./installed.ts";
import type { Link } from "./nodeTypes.ts";
import { preprocess } from "./preprocess.ts";
import { bothPrompts } from "./prompts.ts";
import { missing, refuse, type Sampling } from "./readRequest.ts";

type Control = Sampling["controls"][number];

/**
 * The prompts with a stack of ControlNets, in the order asked. Uses the nodes of ComfyUI-Advanced-ControlNet where they are installed: they
 * load kinds of nets that the core does not (ControlLLLite and others), and do the same with the rest.
 * @throws {GlassworksError} `model_missing`, `engine_invalid`
 */
export function applyControls(drawing: Drawing, { vae }: LoadedModel, prompts: Prompts, size: Size): Prompts {
	if (drawing.params.controls.length === 0) return prompts;
	const { graph, known } = drawing;
	const advanced = known.nodes.has("ACN_AdvancedControlNetApply_v2");
	return drawing.params.controls.reduce((before, control, at) => {
		const net = findNet(control, at, drawing);
		const title = `control ${at + 1}`;
		const image = loadMap(control, net, at, drawing, size);
		const control_net = loadNet(title, net, drawing);
		const range = { strength: control.strength, start_percent: control.start, end_percent: control.end };
		const inputs = { ...bothPrompts(graph, before), control_net, image, ...range };
		const [positive, negative] = advanced
			? graph.add(`${title} apply`, "ACN_AdvancedControlNetApply_v2", { ...inputs, vae_optional: vae })
			: graph.add(`${title} apply`, "ControlNetApplyAdvanced", { ...inputs, vae });
		return { positive, negative };
	}, prompts);
}

function findNet({ net: name, start, end }: Control, at: number, { known, recipe }: Drawing): ControlNet {
	const net = known.registry.controlNets.find((each) => each.name === name) ?? missing("ControlNet", name);
	if (net.family !== recipe.family)
		refuse(`controls.${at}.net`, `"${name}" is made for ${net.family} models, this is one of ${recipe.family}.`);
	if (start > end) refuse(`controls.${at}.end`, "must not be before start.");
	return net;
}

function loadNet(title: string, { name, files }: ControlNet, { graph, known }: Drawing): Link<"CONTROL_NET"> {
	const advanced = findInstalled(known.nodes, { node: "ACN_ControlNetLoaderAdvanced", input: "cnet", files });
	if (advanced !== null) return graph.add(`${title} net`, "ACN_ControlNetLoaderAdvanced", { cnet: advanced })[0];
	const file = findInstalled(known.nodes, controlNetSlot(files)) ?? missing("ControlNet", name);
	return graph.add(`${title} net`, "ControlNetLoader", { control_net_name: file })[0];
}

function loadMap({ preprocess: isPhotograph }: Control, net: ControlNet, at: number, drawing: Drawing, size: Size): Link<"IMAGE"> {
	const { graph, known, request } = drawing;
	const role = `control_${at}`;
	readStepPicture(request, role);
	const title = `control ${at + 1}`;
	const [image] = graph.add(`${title} ${isPhotograph ? "picture" : "map"}`, "LoadImage", { image: pictureToCome(role) });
	if (!isPhotograph) return image;
	const field = `controls.${at}.preprocess`;
	const kind = net.preprocessor ?? refuse(field, `"${net.name}" takes maps only.`);
	const map = preprocess(graph, known.nodes, kind, image, { title: `${title} ${kind}`, size });
	return map ?? refuse(field, `this engine cannot make ${kind} maps from pictures; send the map itself.`);
}
