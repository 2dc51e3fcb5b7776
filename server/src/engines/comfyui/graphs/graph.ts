import type { ApiGraph } from "../../../domain/engines/apiGraph.ts";
import type { Json } from "../../../domain/json.ts";
import { type InputsOf, type Link, type NodeName, nodeTypes, type OutputsOf, type Socket } from "./nodeTypes.ts";

/** A graph that grows node by node. What a node gives is a link that only inputs of its type take. */
export interface Graph {
	/** Returns one link per output. The node's id is made of the title and is unique: `lora 1` is `lora_1`. */
	add<N extends NodeName>(title: string, name: N, inputs: InputsOf<N>): OutputsOf<N>;
	/** Adds a node known only from the server's catalogue. @returns its id */
	addNamed(title: string, className: string, inputs: Record<string, Json | Link<Socket>>): string;
	toApi(): ApiGraph;
}

export function createGraph(): Graph {
	const nodes: ApiGraph = {};

	const addNamed: Graph["addNamed"] = (title, className, inputs) => {
		const id = freeId(title.replaceAll(/[^A-Za-z0-9]+/g, "_"), nodes);
		const given = Object.entries(inputs).filter(([, value]) => value !== undefined);
		nodes[id] = {
			class_type: className,
			inputs: Object.fromEntries(given.map(([name, value]) => [name, toJson(value)])),
			_meta: { title },
		};
		return id;
	};

	return {
		add: (title, name, inputs) => {
			const node = addNamed(title, name, { ...inputs });
			// The compiler cannot follow a table through map(); the types of both ends are read from the same table.
			return nodeTypes[name].outputs.map((socket, output) => ({ node, output, socket })) as unknown as OutputsOf<typeof name>;
		},
		addNamed,
		toApi: () => nodes,
	};
}

function freeId(wanted: string, nodes: ApiGraph): string {
	for (let count = 1; ; count++) {
		const id = count === 1 ? wanted : `${wanted}_${count}`;
		if (!Object.hasOwn(nodes, id)) return id;
	}
}

function toJson(value: Json | Link<Socket>): Json {
	return isLink(value) ? [value.node, value.output] : value;
}

function isLink(value: Json | Link<Socket>): value is Link<Socket> {
	return typeof value === "object" && value !== null && "socket" in value;
}
