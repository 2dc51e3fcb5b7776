import type { Json } from "../../../json.ts";
import { graphLimits } from "../graphLimits.ts";
import { readHostValues } from "./hostValues.ts";
import { refuse, type UiDocument, type UiGraph, type UiNode } from "./uiGraph.ts";

/** One use of a graph: the workflow itself, or a subgraph inside a node of another use. */
export interface Scope {
	graph: UiGraph;
	/** Ids of the nodes that lead here; nodes of the scope are called by them, joined with ":". */
	path: string[];
	/** The node that this subgraph is inside of. */
	host: { node: UiNode; scope: Scope } | null;
	/** Values that the host gives to the subgraph's inputs, by the inputs' names. */
	values: ReadonlyMap<string, Json>;
	/** Values that the host shows of nodes inside, by node and widget (`overrideKey`). */
	overrides: ReadonlyMap<string, Json>;
	/** Uses of the subgraphs inside, by the nodes that hold them. */
	inner: Map<string, Scope>;
}

export interface Laid {
	scope: Scope;
	node: UiNode;
}

export const muted = 2;
export const bypassed = 4;

/**
 * Every node that is no subgraph, with the use it is in. Subgraphs whose node is muted or bypassed stay closed.
 * @throws {GlassworksError} invalid_request for subgraphs that contain themselves, lie too deep, or hold too many nodes
 */
export function layOut({ root, subgraphs }: UiDocument): Laid[] {
	const laid: Laid[] = [];
	let count = 0;
	const open = (scope: Scope, inside: readonly UiGraph[]): void => {
		for (const node of scope.graph.nodes.values()) {
			count += 1;
			if (count > graphLimits.nodes) throw refuse(`With its subgraphs laid out, the workflow has more than ${graphLimits.nodes} nodes.`);
			const graph = subgraphs.get(node.type);
			if (!graph) laid.push({ scope, node });
			else if (node.mode !== muted && node.mode !== bypassed) {
				if (inside.includes(graph)) throw refuse(`Subgraph "${graph.name}" contains itself, at node ${idIn(scope, node.id)}.`);
				if (inside.length === graphLimits.subgraphDepth)
					throw refuse(`Subgraphs lie more than ${graphLimits.subgraphDepth} deep inside each other, at node ${idIn(scope, node.id)}.`);
				const inner = use(graph, node, scope);
				scope.inner.set(node.id, inner);
				open(inner, [...inside, graph]);
			}
		}
	};
	open({ graph: root, path: [], host: null, values: new Map(), overrides: new Map(), inner: new Map() }, []);
	return laid;
}

function use(graph: UiGraph, node: UiNode, scope: Scope): Scope {
	const given = readHostValues(node, graph, scope.overrides);
	return { graph, path: [...scope.path, node.id], host: { node, scope }, ...given, inner: new Map() };
}

export function idIn(scope: Scope, id: string): string {
	return [...scope.path, id].join(":");
}
