import { z } from "zod";

/** An output of another node: its id and the output's index. */
export type NodeLink = [node: string, output: number];

const node = z.object({
	class_type: z.string().min(1).max(200),
	inputs: z.record(z.string().max(200), z.json()),
	_meta: z.object({ title: z.string().max(500).optional() }).optional(),
});

/** ComfyUI's API format: nodes by id. Ids are strings and may hold ":" (a flattened subgraph). */
export const apiGraph = z.record(z.string().min(1).max(100), node);
export type ApiGraph = z.infer<typeof apiGraph>;
export type ApiNode = z.infer<typeof node>;

/** Where a value of the run goes in a graph. `picture`: a role of the step's inputs; the engine uploads it and puts its name there. */
export const graphBinding = z.union([
	z.strictObject({ node: z.string(), input: z.string(), value: z.string() }),
	z.strictObject({ node: z.string(), input: z.string(), picture: z.string() }),
]);
export type GraphBinding = z.infer<typeof graphBinding>;
