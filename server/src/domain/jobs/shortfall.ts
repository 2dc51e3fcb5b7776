/** What a step asks of its worker. */
export interface Need {
	pool: string;
	capability: string;
	/** See domain/engines/requirements.ts. */
	requires?: readonly string[] | null;
}

/** Why no worker at hand takes a step: the pool has none, none has its model, or none can do with it what is required. */
export interface Shortfall {
	missing: "worker" | "model" | "ability";
	/** Of what is required, what none has; empty: each is there, but no worker has it all. */
	lacking: string[];
}

/** Of a step of a quote. */
export interface StepShortfall extends Shortfall {
	step: string;
	detail: string;
}

const groups: Record<string, string> = {
	...{ node: "nodes", file: "files", net: "ControlNets", map: "preprocessors", lora: "LoRAs", edit: "operations" },
};

/** Requirements in words: `nodes: A, B; files: c.safetensors`. */
export function sayRequirements(names: readonly string[]): string {
	const byGroup = Map.groupBy(names, (name) => (name.includes(":") ? (groups[name.split(":", 1)[0] ?? ""] ?? "abilities") : "abilities"));
	return [...byGroup].map(([group, each]) => `${group}: ${each.map((name) => name.slice(name.indexOf(":") + 1)).join(", ")}`).join("; ");
}

/** What an operator would have to add, for a reader who knows no pools. */
export function sayShortfall({ capability, requires }: Need, { missing, lacking }: Shortfall): string {
	const model = capability.slice(capability.indexOf(":") + 1);
	if (missing === "worker") return "No worker that does such steps is running.";
	if (missing === "model") return `No engine at hand has ${model}.`;
	if (lacking.length > 0) return `No engine at hand has what ${model} needs for it: missing ${sayRequirements(lacking)}.`;
	return `No one engine at hand has all that it needs: ${sayRequirements(requires ?? [])}.`;
}
