import type { ApiGraph } from "../../domain/engines/apiGraph.ts";
import { GlassworksError } from "../../domain/errors.ts";
import { asArray, asObject, asText, type JsonObject } from "../../domain/json.ts";
import type { Log, Picture, PictureGate } from "../../domain/ports.ts";
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
 * @throws {GlassworksError} `engine_down`, `internal`
 */
export async function fetchOutputs(
	files: OutputFile[],
	{ http, pictures, log }: { http: ComfyHttp; pictures: PictureGate; log: Log },
): Promise<Record<string, Picture>> {
	const fetched: Record<string, Picture> = {};
	for (const [index, { filename, subfolder, type }] of files.entries()) {
		const bytes = await http.getBytes(`view?${new URLSearchParams({ filename, subfolder, type })}`, limits.maxBytes);
		const picture = await pictures.admit(bytes, limits).catch((error) => {
			// We are too busy to look at it: not the picture's fault, and worth another try.
			if (error instanceof GlassworksError && error.code === "unavailable") throw error;
			log.warn({ err: error, bytes: bytes.length }, "output of ComfyUI is no picture");
			throw new GlassworksError("internal", "What the engine made is not a picture that can be read.");
		});
		fetched[index === 0 ? "image" : `image_${index}`] = picture;
	}
	return fetched;
}
