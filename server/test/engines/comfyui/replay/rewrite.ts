import type { Json, JsonObject } from "../../../../src/domain/json.ts";
import type { RecordedRun } from "./recordedRun.ts";

/** A prompt as a client posted it to the replay. */
export interface Posted {
	promptId: string;
	clientId: string | null;
	graph: Record<string, { class_type?: string; inputs?: JsonObject }>;
}

/** Makes what was recorded speak of the prompt that was posted: its ids, and the files under the prefix that it asks for. */
export interface Rewrite {
	json(value: Json): Json;
	/** The recorded file behind a rewritten one. */
	recordedFile(file: OutputFile): OutputFile | undefined;
}

export interface OutputFile {
	filename: string;
	subfolder: string;
	type: string;
}

export function rewriteFor(run: RecordedRun, posted: Posted, clockSkewMs: number): Rewrite {
	const renamed = renameOutputs(run, posted);
	const recorded = new Map([...renamed].map(([from, to]) => [keyOf(to), JSON.parse(from) as OutputFile]));

	function rewrite(value: Json, key = ""): Json {
		if (typeof value === "string")
			return value.replaceAll(run.promptId, posted.promptId).replaceAll(run.clientId, posted.clientId ?? run.clientId);
		if (typeof value === "number") return /timestamp$|_time$/.test(key) ? value + clockSkewMs : value;
		if (Array.isArray(value)) return value.map((each) => rewrite(each));
		if (typeof value !== "object" || value === null) return value;
		const file = isFile(value) ? renamed.get(keyOf(value)) : undefined;
		const entries = Object.entries({ ...value, ...file }).map(([name, each]) => [rewrite(name), rewrite(each, name)]);
		return Object.fromEntries(entries);
	}

	return { json: (value) => rewrite(value), recordedFile: (file) => recorded.get(keyOf(file)) };
}

function isFile(value: JsonObject): value is JsonObject & OutputFile {
	return typeof value.filename === "string" && typeof value.subfolder === "string" && typeof value.type === "string";
}

function keyOf({ filename, subfolder, type }: OutputFile): string {
	return JSON.stringify({ filename, subfolder, type });
}

/** Where the posted graph saves, as ComfyUI names it: `<prefix>_00001_.png`. Files that a node without a prefix made keep their names. */
function renameOutputs(run: RecordedRun, posted: Posted): Map<string, OutputFile> {
	const renamed = new Map<string, OutputFile>();
	const counts = new Map<string, number>();
	for (const [nodeId, output] of Object.entries((run.history?.outputs ?? {}) as Record<string, { images?: OutputFile[] }>)) {
		const prefix = posted.graph[nodeId]?.inputs?.filename_prefix;
		for (const file of output.images ?? []) {
			if (typeof prefix !== "string") {
				renamed.set(keyOf(file), file);
				continue;
			}
			const count = (counts.get(prefix) ?? 0) + 1;
			counts.set(prefix, count);
			const parts = prefix.split("/");
			const filename = `${parts.at(-1)}_${String(count).padStart(5, "0")}_.png`;
			renamed.set(keyOf(file), { filename, subfolder: parts.slice(0, -1).join("/"), type: file.type });
		}
	}
	return renamed;
}
