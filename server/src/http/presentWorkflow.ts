import type { z } from "zod";
import type { checkedWorkflow, workflowDetail, workflowSummary } from "../contract/workflow.ts";
import type { PreparedWorkflow } from "../domain/workflows/prepareWorkflow.ts";
import type { WorkflowRecord } from "../domain/workflows/workflowStore.ts";
import { presentQuote } from "./presentPrice.ts";
import { presentReference, presentSteps, wirePath } from "./workflowNames.ts";

export function presentWorkflow({ workflow, visibility, link, newest, savedAt }: WorkflowRecord): z.infer<typeof workflowSummary> {
	const { slug, version, title, description, inputs, steps } = workflow;
	return {
		...{ slug, version, title, description, visibility, link, newest, inputs },
		saved_at: savedAt?.toISOString() ?? null,
		steps: steps.map(({ id, title, kind, optional }) => ({ id, title, kind, optional })),
	};
}

function presentDocument(record: WorkflowRecord): Omit<z.infer<typeof workflowDetail>, "versions"> {
	const { workflow } = record;
	return {
		...presentWorkflow(record),
		steps: presentSteps(workflow),
		result: presentReference(workflow.result, workflow),
		original: presentReference(workflow.original, workflow),
		aspect: workflow.aspect,
	};
}

export function presentDetail(
	record: WorkflowRecord,
	versions: readonly { version: number; savedAt: Date }[],
): z.infer<typeof workflowDetail> {
	return { ...presentDocument(record), versions: versions.map(({ version, savedAt }) => ({ version, saved_at: savedAt.toISOString() })) };
}

export function presentChecked(saved: boolean, record: WorkflowRecord, prepared: PreparedWorkflow): z.infer<typeof checkedWorkflow> {
	const { problems, missing, quote } = prepared;
	return {
		saved,
		workflow: presentDocument(record),
		problems: problems.map(({ about, path, message }) => ({ about, path: wirePath(path), message })),
		missing,
		quote: quote && presentQuote(quote),
	};
}
