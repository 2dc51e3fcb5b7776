import { type CreateEdit, createEdit } from "../contract/edit.ts";
import type { RunWorkflow } from "../contract/workflow.ts";
import { readValues } from "../domain/workflows/workflowInput.ts";
import type { WorkflowRecord } from "../domain/workflows/workflowStore.ts";
import { parseFields } from "./fieldErrors.ts";

const margins = ["left", "top", "right", "bottom"] as const;

/** A run of a workflow that edits, as the body of an edit: margins extend the picture, a mask changes what is in it. @throws {GlassworksError} invalid_request */
export function readEditRun({ workflow }: WorkflowRecord, { inputs, count, version: _version, ...common }: RunWorkflow): CreateEdit {
	const { mask, feather, left, top, right, bottom, ...values } = readValues(workflow.inputs, inputs);
	const fades = feather === undefined ? {} : { feather };
	const extends_ = workflow.inputs.some(({ name }) => (margins as readonly string[]).includes(name));
	const area = extends_ ? { extend: { left, top, right, bottom, ...fades } } : { mask: { image: mask, ...fades } };
	const prompt = values.prompt === "" ? {} : { prompt: values.prompt };
	const { prompt: _prompt, ...rest } = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
	const operation = extends_ ? "outpaint" : "replace";
	return parseFields(createEdit, { operation, ...area, ...rest, ...prompt, count, ...common });
}
