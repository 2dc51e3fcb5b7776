import type { NodeCatalogue } from "../engines/nodeCatalogue.ts";
import { GlassworksError } from "../errors.ts";
import { graphOf } from "../workflows/comfy/fillGraph.ts";
import { graphNeeds, missingFrom } from "../workflows/comfy/graphNeeds.ts";
import type { SettledStep } from "../workflows/settleSteps.ts";

/** Names what no engine at hand has, before anything is queued; while none is at hand (null) nothing is known. @throws {GlassworksError} parts_missing */
export function refuseMissingParts(steps: readonly SettledStep[], catalogue: NodeCatalogue | null): void {
	if (!catalogue) return;
	const graphs = steps.filter(({ step }) => step.kind === "graph").map(({ params }) => graphOf(params));
	const missing = graphs.map((graph) => missingFrom(graphNeeds(graph, catalogue), catalogue));
	const [classes, files] = [missing.flatMap((each) => each.nodes), missing.flatMap((each) => each.files)];
	if (classes.length === 0 && files.length === 0) return;
	const said = [
		...(classes.length > 0 ? [`the nodes ${classes.join(", ")}`] : []),
		...(files.length > 0 ? [`the files ${files.join(", ")}`] : []),
	];
	throw new GlassworksError("parts_missing", `No engine at hand has ${said.join(" and ")}.`, { nodes: classes, files });
}
