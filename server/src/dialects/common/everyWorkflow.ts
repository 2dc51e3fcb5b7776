import type { Caller, WorkflowBody } from "../../contract/door.ts";

/** Every workflow that the caller may run by name. */
export async function everyWorkflow(caller: Caller): Promise<WorkflowBody[]> {
	const found: WorkflowBody[] = [];
	let before: string | null = null;
	do {
		const page = await caller.workflows(before);
		found.push(...page.data);
		before = page.next;
	} while (before !== null);
	return found;
}
