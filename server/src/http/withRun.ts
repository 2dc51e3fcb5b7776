import type { RunWorkflow } from "../contract/workflow.ts";
import { prepareEdit } from "../domain/edits/prepareEdit.ts";
import type { JobRequest } from "../domain/jobs/submitJob.ts";
import type { Principal } from "../domain/plans/operatorConfig.ts";
import { editPortsOf } from "./editRoutes.ts";
import type { HttpPorts } from "./ports.ts";
import { readEdit } from "./readEdit.ts";
import { readEditRun } from "./readEditRun.ts";
import { readRun, underInputs } from "./readRun.ts";
import { requireWorkflow } from "./workflowRoutes.ts";

/** Reads and prepares a run as far as its kind needs, and hands it to `use`. */
export async function withRun<T>(
	ports: HttpPorts,
	principal: Principal,
	slug: string,
	body: RunWorkflow,
	use: (run: JobRequest) => Promise<T>,
): Promise<T> {
	const record = await requireWorkflow(ports, principal, slug, body.version);
	return underInputs(record, async () => {
		if (record.workflow.takes !== "edit") return use(await readRun(ports, principal.tenantId, record, body));
		const editPorts = editPortsOf(ports);
		const prepared = await prepareEdit(editPorts, principal, await readEdit(ports, principal.tenantId, readEditRun(record, body)));
		return use({ ...prepared, edit: { ...prepared.edit, workflow: record.id } });
	});
}
