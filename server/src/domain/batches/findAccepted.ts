import type { WorkflowFinder, WorkflowRecord } from "../workflows/workflowStore.ts";

/** Finds the version of a workflow that an item was accepted with, whoever may see it today: what was accepted goes on. */
export function findAccepted(workflows: Pick<WorkflowFinder, "exactly">): (id: string, version: number) => Promise<WorkflowRecord | null> {
	return async (id, version) => {
		const workflow = await workflows.exactly(id, version);
		return workflow && { id, tenantId: null, visibility: "private", link: null, newest: version, savedAt: null, workflow };
	};
}
