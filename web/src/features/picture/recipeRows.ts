import type { Image, Job, Json } from "@glassworks/sdk";
import { took } from "../../format/duration.ts";
import { stepName, tookMs } from "../jobs/inWords.ts";

const labels: [field: string, label: string][] = [
	["negative_prompt", "Leave out"],
	["style", "Style"],
	["steps", "Steps"],
	["guidance", "Guidance"],
	["strength", "Strength"],
	["upscale", "Upscale 4x"],
	["restore_faces", "Restore faces"],
	["face_restorer", "Face restorer"],
	["face_fidelity", "Face fidelity"],
	["format", "File"],
	["quality", "Quality"],
	["embed_recipe", "Recipe in file"],
];
/** Shown on their own, or not settings of this picture. */
const elsewhere = new Set(["prompt", "seed", "count", "width", "height", "model", "workflow"]);

/** Every setting of a picture, in words, the most asked for first. What the model chose by itself says so. */
export function recipeRows(job: Job, image: Image): [label: string, value: string][] {
	const { request } = job;
	const known = new Set(labels.map(([field]) => field));
	const others = Object.keys(request).filter((field) => !known.has(field) && !elsewhere.has(field) && isSet(request[field]));
	const lossy = request.format === "jpeg" || request.format === "webp";
	const startsFromPicture = isSet(request.image);
	const ms = tookMs(job);
	return [
		["Model", job.model],
		["Workflow", job.workflow],
		["Drawn at", `${text(request.width)} x ${text(request.height)} px`],
		["Finished", image.width === null ? "" : `${image.width} x ${image.height} px, ${bytes(image.bytes)}`],
		...labels
			.filter(
				([field]) =>
					(field !== "quality" || lossy) &&
					(field !== "strength" || startsFromPicture) &&
					(!field.startsWith("face_") || request.restore_faces === true),
			)
			.filter(([field]) => isSet(request[field]) || field === "guidance" || field === "style")
			.map(([field, label]): [string, string] => [label, text(request[field])]),
		...others.map((field): [string, string] => [field.replaceAll("_", " "), text(request[field])]),
		["Made in", ms === null ? "" : took(ms)],
		...digestRows(image),
	].filter((row): row is [string, string] => row[1] !== "");
}

/** Digests of the models' files, where engines told them: the same digest is the same model. */
function digestRows({ recipe }: Image): [label: string, value: string][] {
	const steps = recipe?.steps;
	if (typeof steps !== "object" || steps === null || Array.isArray(steps)) return [];
	return Object.entries(steps).flatMap(([step, data]): [string, string][] => {
		const digest = typeof data === "object" && data !== null && !Array.isArray(data) ? data.model_digest : null;
		return typeof digest === "string" ? [[`${stepName(step)} file`, digest.slice(0, 12)]] : [];
	});
}

function isSet(value: Json | undefined): boolean {
	return value !== null && value !== undefined && value !== "";
}

function text(value: Json | undefined): string {
	if (value === null || value === undefined || value === "") return "the model's own";
	if (typeof value === "boolean") return value ? "on" : "off";
	return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function bytes(count: number | null): string {
	if (count === null) return "";
	return count < 1_000_000 ? `${Math.ceil(count / 1_000)} kB` : `${(count / 1_000_000).toFixed(1)} MB`;
}
