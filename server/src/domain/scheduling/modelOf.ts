/** What a worker must hold to run a capability: steps that draw share memory by model; any other step counts as its own. */
export function modelOf(capability: string): string {
	const [kind = "", model = ""] = capability.split(/:(.*)/s);
	return needsLoading(capability) ? model : `${kind}:${model}`;
}

/** Steps whose network is so large that a worker holds one at a time. */
export function needsLoading(capability: string): boolean {
	return capability.startsWith("generate:") || capability.startsWith("inpaint:");
}
