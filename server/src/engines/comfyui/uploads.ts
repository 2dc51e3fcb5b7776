import { GlassworksError } from "../../domain/errors.ts";
import { asObject, asText } from "../../domain/json.ts";
import { fileExtensions, type Picture } from "../../domain/ports.ts";
import type { ComfyHttp } from "./http.ts";

/**
 * Uploads a picture into the attempt's own folder and gives the name by which LoadImage finds it: the one the server chose, which differs
 * from ours when it had such a file.
 * @throws {GlassworksError} `engine_down`, `engine_invalid`
 */
export async function uploadPicture(http: ComfyHttp, attempt: string, role: string, picture: Picture): Promise<string> {
	const form = new FormData();
	const fileName = `${role.replaceAll(/[^A-Za-z0-9_-]/g, "_")}.${fileExtensions[picture.mediaType]}`;
	form.append("image", new Blob([new Uint8Array(picture.bytes)], { type: picture.mediaType }), fileName);
	form.append("type", "input");
	form.append("subfolder", `gw/${attempt}`);
	const { status, json } = await http.postForm("upload/image", form);
	if (status === 413) throw new GlassworksError("engine_invalid", `The picture "${role}" has more bytes than the engine takes.`);
	const { name, subfolder, type } = asObject(json);
	const given = asText(name);
	if (status !== 200 || given === null) throw new GlassworksError("engine_down", "The engine did not take a picture.", { status });
	const folder = asText(subfolder);
	const where = asText(type) ?? "input";
	return `${folder ? `${folder}/` : ""}${given}${where === "input" ? "" : ` [${where}]`}`;
}
