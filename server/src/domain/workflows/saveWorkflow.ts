import { GlassworksError } from "../errors.ts";
import type { SubmitPorts } from "../jobs/submitJob.ts";
import type { Principal } from "../plans/operatorConfig.ts";
import { type PreparedWorkflow, prepareWorkflow, type WorkflowProposal } from "./prepareWorkflow.ts";
import type { Visibility, WorkflowContent, WorkflowRecord, WorkflowStore } from "./workflowStore.ts";

export type WorkflowPorts = SubmitPorts & {
	workflows: WorkflowStore;
	/** SHA-256 of a value, whatever the order of its fields. */
	digest(content: WorkflowContent): string;
	/** An unguessable name to share a workflow by. */
	newLink(): string;
};

export interface SavedWorkflow {
	record: WorkflowRecord;
	/** False: the newest version was the same. */
	isNew: boolean;
	prepared: PreparedWorkflow;
}

/**
 * Saves the next version of a workflow, or the first.
 * @throws {GlassworksError} workflow_invalid, workflow_unsafe, workflow_name_taken, workflow_limit, and as prepareWorkflow
 */
export async function saveWorkflow(
	ports: WorkflowPorts,
	principal: Principal,
	proposal: WorkflowProposal & { visibility: Visibility },
): Promise<SavedWorkflow> {
	const prepared = await prepareWorkflow(ports, principal, proposal);
	const [first] = prepared.problems;
	if (first) {
		const isUnsafe = prepared.problems.every(({ about }) => about === "safety");
		const fields = prepared.problems.slice(0, 50).map(({ path, message }) => ({ path, message }));
		throw new GlassworksError(isUnsafe ? "workflow_unsafe" : "workflow_invalid", first.message, {}, fields);
	}
	const { content } = prepared;
	const { slug, visibility } = proposal;
	const draft = { id: ports.newId("wfl"), slug, visibility, link: ports.newLink(), content, digest: ports.digest(content) };
	return { ...(await ports.workflows.save(principal, draft)), prepared };
}
