import type { Json, JsonObject, WorkflowInput } from "@glassworks/sdk";

/** What a form holds: null where nothing is set and the default applies. */
export type Values = Readonly<Record<string, Json>>;

/** Whether a run is refused without it. */
export const isRequired = ({ default: preset, optional, type }: WorkflowInput): boolean => preset === null && !optional && type !== "seed";

const isSet = (value: Json | undefined): value is Json => value !== undefined && value !== null && value !== "";

/** Titles of what has to be given still. */
export function missing(inputs: readonly WorkflowInput[], values: Values): string[] {
	return inputs.filter((input) => isRequired(input) && !isSet(values[input.name])).map((input) => input.title);
}

/** What is sent: what was set, and nothing that is as the workflow has it anyway. */
export function toInputs(inputs: readonly WorkflowInput[], values: Values): JsonObject {
	return Object.fromEntries(
		inputs.flatMap(({ name, default: preset }) => {
			const value = values[name];
			return isSet(value) && value !== preset ? [[name, value]] : [];
		}),
	);
}

/** The same for its price, which words do not change: they are not sent while they are typed. */
export function forQuote(inputs: readonly WorkflowInput[], values: Values): JsonObject {
	const sent = toInputs(inputs, values);
	const words = inputs.filter(({ type, name }) => type === "text" && /prompt/.test(name));
	for (const { name } of words) if (typeof sent[name] === "string") sent[name] = "a picture";
	for (const input of words) if (isRequired(input)) sent[input.name] = "a picture";
	return sent;
}
