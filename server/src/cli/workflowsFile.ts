import fs from "node:fs/promises";
import path from "node:path";
import type { CreateWorkflow } from "@glassworks/sdk";
import { isJsonObject, type JsonObject, parseJson } from "../domain/json.ts";
import { usageError } from "./failure.ts";

/** What a file holds as a request: one of ours has `steps`, or names `comfyui`; anything else is ComfyUI's own. @throws {CliFailure} */
export async function readWorkflowFile(
	file: string,
	{ slug, title, finish }: { slug?: string; title?: string; finish: boolean },
): Promise<CreateWorkflow> {
	const document = await readJson(file);
	const named = { slug: slug ?? slugOf(file), ...(title ? { title } : {}) };
	const isOurs = Array.isArray(document.steps) || "comfyui" in document;
	if (!isOurs) return { ...named, comfyui: document, finish } as CreateWorkflow;
	// Those that GET gives have more fields than POST takes.
	const known = ["title", "description", "inputs", "steps", "result", "original", "aspect", "comfyui", "finish"];
	const kept = Object.fromEntries(Object.entries(document).filter(([name]) => known.includes(name)));
	const ownSlug = typeof document.slug === "string" ? document.slug : named.slug;
	return { ...kept, ...named, slug: slug ?? ownSlug } as CreateWorkflow;
}

async function readJson(file: string): Promise<JsonObject> {
	const text = await fs.readFile(file, "utf8").catch(() => {
		throw usageError(`${file} cannot be read.`);
	});
	const value = parseJson(text);
	if (isJsonObject(value)) return value;
	throw usageError(`${file} holds no workflow: it must be a JSON object.`);
}

function slugOf(file: string): string {
	const words = path
		.parse(file)
		.name.toLowerCase()
		.split(/[^a-z0-9]+/)
		.filter((word) => word !== "");
	const slug = words.join("-").slice(0, 63).replace(/-$/, "");
	return /^[a-z]/.test(slug) ? slug : `workflow-${slug}`.replace(/-$/, "");
}
