/** Bounds of a graph that somebody sends us, in either format. Nodes are counted after subgraphs were laid out. */
export const graphLimits = {
	nodes: 2_000,
	/** Subgraphs inside subgraphs. */
	subgraphDepth: 10,
	/** Inputs of one node, and of all. */
	inputsOfNode: 500,
	inputs: 20_000,
	/** Arrays and objects inside each other, anywhere in the document. */
	jsonDepth: 64,
} as const;

/** True when arrays and objects lie deeper inside each other than `limit`. Does not recurse, so it answers for any document. */
export function isDeeperThan(value: unknown, limit: number): boolean {
	let level: unknown[] = [value];
	for (let depth = 0; level.length > 0; depth++) {
		const next: unknown[] = [];
		for (const entry of level) {
			if (typeof entry !== "object" || entry === null) continue;
			if (depth === limit) return true;
			for (const child of Array.isArray(entry) ? entry : Object.values(entry)) if (typeof child === "object") next.push(child);
		}
		level = next;
	}
	return false;
}

/** Why a graph has too many inputs; null: it has not. */
export function tooManyInputs(nodes: readonly { inputs?: unknown }[]): string | null {
	const counts = nodes.map(({ inputs }) => (typeof inputs === "object" && inputs !== null ? Object.keys(inputs).length : 0));
	if (counts.some((count) => count > graphLimits.inputsOfNode)) return `a node has more than ${graphLimits.inputsOfNode} inputs`;
	const total = counts.reduce((sum, count) => sum + count, 0);
	return total > graphLimits.inputs ? `it has more than ${graphLimits.inputs} inputs` : null;
}
