import type { ApiGraph } from "../engines/apiGraph.ts";
import type { NodeStore } from "../engines/engineStore.ts";
import { GlassworksError } from "../errors.ts";
import { graphNeeds, missingFrom } from "../workflows/comfy/graphNeeds.ts";
import type { SettledStep } from "../workflows/settleSteps.ts";

/** Names what no engine at hand has, before anything is queued; while none is at hand nothing is known. @throws {GlassworksError} parts_missing */
export async function refuseMissingParts(steps: readonly SettledStep[], nodes: Pick<NodeStore, "catalogue">): Promise<void> {
	const graphs = steps.filter(({ step }) => step.kind === "graph").map(({ params }) => params.graph as ApiGraph);
	const catalogue = graphs.length > 0 ? await nodes.catalogue() : null;
	if (!catalogue) return;
	const missing = graphs.map((graph) => missingFrom(graphNeeds(graph, catalogue), catalogue));
	const [classes, files] = [missing.flatMap((each) => each.nodes), missing.flatMap((each) => each.files)];
	if (classes.length === 0 && files.length === 0) return;
	const said = [
		...(classes.length > 0 ? [`the nodes ${classes.join(", ")}`] : []),
		...(files.length > 0 ? [`the files ${files.join(", ")}`] : []),
	];
	throw new GlassworksError("parts_missing", `No engine at hand has ${said.join(" and ")}.`, { nodes: classes, files });
}
