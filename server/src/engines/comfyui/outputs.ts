import { admitMade } from "../../domain/engines/admitMade.ts";
import type { ApiGraph } from "../../domain/engines/apiGraph.ts";
import { GlassworksError } from "../../domain/errors.ts";
import { asArray, asObject, asText, type JsonObject } from "../../domain/json.ts";
import type { Picture, PictureGate } from "../../domain/ports.ts";
import type { ComfyHttp } from "./http.ts";

/** A picture on the server. `type`: `output`, kept; `temp`, for showing, gone when the server stops. */
export interface OutputFile {
	filename: string;
	subfolder: string;
	type: string;
}

/** As the pictures gate allows for pictures we make: larger ones are a mistake. */
const limits = { maxBytes: 256 * 1024 * 1024, maxPixels: 16_384 * 16_384 };

/** The pictures that a run saved, in the order of the graph's nodes; what it only showed counts when it saved none. */
export function listOutputs(outputs: JsonObject, graph: ApiGraph): OutputFile[] {
	const order = [...Object.keys(graph), ...Object.keys(outputs).filter((id) => !(id in graph))];
	const files = order.flatMap((id) => asArray(asObject(outputs[id]).images).flatMap((image) => readFile(asObject(image)) ?? []));
	const saved = files.filter(({ type }) => type === "output");
	return saved.length > 0 ? saved : files;
}

function readFile({ filename, subfolder, type }: JsonObject): OutputFile | null {
	const name = asText(filename);
	return name === null ? null : { filename: name, subfolder: asText(subfolder) ?? "", type: asText(type) ?? "output" };
}

/**
 * Fetches what was made and drops its metadata: ComfyUI writes the whole graph, prompts included, into its files. Roles: `image`, `image_1`, ...
 * @throws {GlassworksError} `engine_down`, `internal`, `unavailable`
 */
export async function fetchOutputs(
	files: OutputFile[],
	{ http, pictures }: { http: ComfyHttp; pictures: PictureGate },
	signal: AbortSignal,
): Promise<Record<string, Picture>> {
	const fetched: Record<string, Picture> = {};
	for (const [index, { filename, subfolder, type }] of files.entries()) {
		const bytes = await http.getBytes(`view?${new URLSearchParams({ filename, subfolder, type })}`, limits.maxBytes);
		const broken = new GlassworksError("internal", "What the engine made is not a picture that can be read.");
		fetched[index === 0 ? "image" : `image_${index}`] = await admitMade(pictures, { bytes, limits, signal, broken });
	}
	return fetched;
}
