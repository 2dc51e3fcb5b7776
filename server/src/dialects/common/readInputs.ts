import type { Caller, Door, WorkflowBody } from "../../contract/door.ts";
import type { JsonObject } from "../../domain/json.ts";
import { readPicture } from "./readPicture.ts";

/** Those of the values that the workflow takes, by its own names; pictures as the platform takes them. `from`: what a value is called otherwise. */
export async function readInputs(
	door: Door,
	caller: Caller,
	{ inputs }: WorkflowBody,
	values: JsonObject,
	from: Readonly<Record<string, string>> = {},
): Promise<JsonObject> {
	const read: JsonObject = {};
	for (const { name, type } of inputs) {
		const key = values[name] === undefined ? Object.keys(from).find((other) => from[other] === name && values[other] !== undefined) : name;
		const value = key === undefined ? undefined : values[key];
		if (key === undefined || value === undefined) continue;
		read[name] = type === "picture" && typeof value === "string" ? ((await readPicture(door, caller, value, key)) as JsonObject) : value;
	}
	return read;
}
