import { quote } from "../contract/generation.ts";
import { job } from "../contract/job.ts";
import { type RunWorkflow, runWorkflow } from "../contract/workflow.ts";
import { prepareEdit } from "../domain/edits/prepareEdit.ts";
import type { ErrorCode } from "../domain/errors.ts";
import { type JobRequest, quoteRequest, submitJob } from "../domain/jobs/submitJob.ts";
import type { Principal } from "../domain/plans/operatorConfig.ts";
import { principalOf } from "./authenticate.ts";
import { editPortsOf } from "./editRoutes.ts";
import { acceptJob, generationRefusals, repeatable } from "./generationRoutes.ts";
import type { App, HttpPorts } from "./ports.ts";
import { presentQuote } from "./presentPrice.ts";
import { readEdit } from "./readEdit.ts";
import { readEditRun } from "./readEditRun.ts";
import { readRun, underInputs } from "./readRun.ts";
import { json, problems, security } from "./responses.ts";
import { requireWorkflow, workflowParams, workflowPorts } from "./workflowRoutes.ts";

const refusals = [
	...generationRefusals,
	"workflow_unsafe",
	"parts_missing",
	"edit_unavailable",
	"mask_invalid",
] as const satisfies ErrorCode[];
const common = { tags: ["Workflows"], security: security.key, params: workflowParams, body: runWorkflow };

/** Running workflows with typed values. */
export function runRoutes(app: App, ports: HttpPorts): void {
	const submitPorts = workflowPorts(ports);
	const editPorts = editPortsOf(ports);

	/** Reads and prepares a run as far as its kind needs, and hands it to `use`. */
	async function withRun<T>(principal: Principal, slug: string, body: RunWorkflow, use: (run: JobRequest) => Promise<T>): Promise<T> {
		const record = await requireWorkflow(ports, principal, slug, body.version);
		return underInputs(record, async () => {
			if (record.workflow.takes !== "edit") return use(await readRun(ports, principal.tenantId, record, body));
			const prepared = await prepareEdit(editPorts, principal, await readEdit(ports, principal.tenantId, readEditRun(record, body)));
			return use({ ...prepared, edit: { ...prepared.edit, workflow: record.id } });
		});
	}

	app.post(
		"/workflows/:slug/runs",
		{
			config: { access: "generate" },
			schema: {
				...common,
				operationId: "runWorkflow",
				summary: "Run a workflow",
				description: "Accepts a job and answers at once. Fields of `inputs` are typed; safe to repeat with an `Idempotency-Key`.",
				headers: repeatable,
				response: {
					202: json("Accepted. `Location` is the job's address.", job),
					...problems(...refusals, "overloaded", "insufficient_credit", "idempotency_key_reused", "idempotency_in_flight"),
				},
			},
		},
		(request, reply) =>
			acceptJob(ports, request, reply, (principal, key) =>
				withRun(principal, request.params.slug, request.body, (run) => submitJob(submitPorts, principal, run, key)),
			),
	);

	app.post(
		"/workflows/:slug/runs/quotes",
		{
			config: { access: "generate" },
			schema: {
				...common,
				operationId: "quoteRun",
				summary: "The price of a run before",
				description: "What a run with exactly this body would cost, and which steps it would skip. Accepts and charges nothing.",
				response: { 200: json("The price.", quote), ...problems(...refusals) },
			},
		},
		async (request) => {
			const principal = principalOf(request);
			return withRun(principal, request.params.slug, request.body, async (run) =>
				presentQuote(await quoteRequest(submitPorts, principal, run)),
			);
		},
	);
}
