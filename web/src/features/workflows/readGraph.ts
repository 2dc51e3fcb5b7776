import type { CreateWorkflow } from "@glassworks/sdk";

/** What the server takes at most. */
const maxLength = 2 * 1_048_576;

/** @throws {Error} in words, when the text is no JSON object */
export function readGraph(text: string): NonNullable<CreateWorkflow["comfyui"]> {
	if (text.length > maxLength) throw new Error("The file is larger than the 2 MB that a workflow may have.");
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		throw new Error("The file is not JSON.");
	}
	if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("The file is JSON, and no workflow of ComfyUI.");
	return value as NonNullable<CreateWorkflow["comfyui"]>;
}

/** A file's name as a workflow's. */
export function slugOf(fileName: string): string {
	const words = fileName
		.replace(/\.json$/i, "")
		.normalize("NFKD")
		.toLowerCase()
		.split(/[^a-z0-9]+/)
		.filter((word) => word !== "")
		.join("-");
	return (
		words
			.replace(/^[^a-z]+/, "")
			.slice(0, 63)
			.replace(/-+$/, "") || "workflow"
	);
}
