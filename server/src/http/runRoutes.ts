import { foretoldQuote } from "../contract/generation.ts";
import { job } from "../contract/job.ts";
import { runWorkflow } from "../contract/workflow.ts";
import type { ErrorCode } from "../domain/errors.ts";
import { foreseeRequest, submitJob } from "../domain/jobs/submitJob.ts";
import { principalOf } from "./authenticate.ts";
import { acceptJob, generationRefusals, repeatable } from "./generationRoutes.ts";
import type { App, HttpPorts } from "./ports.ts";
import { presentForetold } from "./presentForetold.ts";
import { mailingResults } from "./readResultMail.ts";
import { readRequestWebhook } from "./readWebhook.ts";
import { json, problems, security } from "./responses.ts";
import { withRun } from "./withRun.ts";
import { workflowParams, workflowPorts } from "./workflowRoutes.ts";

/** What running a workflow of whatever kind may be refused with. */
export const runRefusals = [
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

	app.post(
		"/workflows/:slug/runs",
		{
			config: { access: "generate", rate: "submit" },
			schema: {
				...common,
				operationId: "runWorkflow",
				summary: "Run a workflow",
				description: "Accepts a job and answers at once. Fields of `inputs` are typed; safe to repeat with an `Idempotency-Key`.",
				headers: repeatable,
				response: {
					202: json("Accepted. `Location` is the job's address.", job),
					...problems(...runRefusals, "overloaded", "insufficient_credit", "idempotency_key_reused", "idempotency_in_flight"),
				},
			},
		},
		(request, reply) =>
			acceptJob(ports, request, reply, {
				submit: async (principal, key) => {
					const webhook = await readRequestWebhook(ports, request.body);
					const mailing = await mailingResults(submitPorts, ports, principal, request.body);
					return withRun(ports, principal, request.params.slug, request.body, (run) => submitJob(mailing, principal, run, key, webhook));
				},
			}),
	);

	app.post(
		"/workflows/:slug/runs/quotes",
		{
			config: { access: "generate" },
			schema: {
				...common,
				operationId: "quoteRun",
				summary: "The price, place and time of a run before",
				description:
					"What a run with exactly this body would cost, which steps it would skip, where in line it would stand and when it would be done. Accepts and charges nothing.",
				response: { 200: json("The price.", foretoldQuote), ...problems(...runRefusals) },
			},
		},
		async (request) => {
			const principal = principalOf(request);
			await readRequestWebhook(ports, request.body);
			const mailing = await mailingResults(submitPorts, ports, principal, request.body);
			return withRun(ports, principal, request.params.slug, request.body, async (run) =>
				presentForetold(await foreseeRequest({ ...mailing, jobs: ports.jobs }, principal, run)),
			);
		},
	);
}
