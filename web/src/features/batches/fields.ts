/** Fields of a picture that a column or an axis may name, as the API calls them. */
export const fields = [
	{ name: "prompt", label: "Prompt", kind: "text" },
	{ name: "negative_prompt", label: "Negative prompt", kind: "text" },
	{ name: "model", label: "Model", kind: "text" },
	{ name: "seed", label: "Seed", kind: "integer" },
	{ name: "steps", label: "Steps", kind: "integer" },
	{ name: "guidance", label: "Guidance", kind: "number" },
	{ name: "width", label: "Width", kind: "integer" },
	{ name: "height", label: "Height", kind: "integer" },
	{ name: "style", label: "Style", kind: "text" },
	{ name: "sampler", label: "Sampler", kind: "text" },
	{ name: "scheduler", label: "Scheduler", kind: "text" },
	{ name: "count", label: "Pictures", kind: "integer" },
	{ name: "image", label: "Start picture (address)", kind: "picture" },
	{ name: "strength", label: "Strength", kind: "number" },
	{ name: "upscale", label: "Upscale 4x", kind: "boolean" },
	{ name: "restore_faces", label: "Restore faces", kind: "boolean" },
	{ name: "format", label: "Format", kind: "text" },
] as const;

export type FieldKind = (typeof fields)[number]["kind"];

export const fieldLabel = (name: string): string =>
	fields.find((field) => field.name === name)?.label ?? name.replace(/^(inputs|metadata)\./, "");

export const fieldKind = (name: string): FieldKind => fields.find((field) => field.name === name)?.kind ?? "text";
