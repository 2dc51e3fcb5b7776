import { job } from "../contract/job.ts";
import { requestAgain } from "../domain/jobs/requestAgain.ts";
import { submitJob } from "../domain/jobs/submitJob.ts";
import { acceptJob, repeatable } from "./generationRoutes.ts";
import { jobParams } from "./jobRoutes.ts";
import type { App, HttpPorts } from "./ports.ts";
import { json, problems, security } from "./responses.ts";
import { runRefusals } from "./runRoutes.ts";
import { workflowPorts } from "./workflowRoutes.ts";

/** Asking again for what a job did not make. */
export function retryRoute(app: App, ports: HttpPorts): void {
	const submitPorts = workflowPorts(ports);
	app.post(
		"/jobs/:id/retry",
		{
			config: { access: "generate", rate: "submit" },
			schema: {
				operationId: "retryJob",
				tags: ["Jobs"],
				summary: "Ask again for the pictures a job has not made",
				description:
					"Of a job of any kind that has failed in whole or in part, or was cancelled: a new job with the same request, version of the workflow, seeds and metadata, priced anew and begun at once. Who was told of the first job by its own webhook or by mail is not told of this one. Refused as `picture_deleted` when pictures it was given are gone. Takes no body; safe to repeat with an `Idempotency-Key`.",
				security: security.key,
				params: jobParams,
				headers: repeatable,
				response: {
					202: json("Accepted. `Location` is the new job's address.", job),
					...problems(
						...runRefusals,
						...(["job_not_ended", "nothing_to_retry"] as const),
						...(["overloaded", "insufficient_credit", "idempotency_key_reused", "idempotency_in_flight"] as const),
					),
				},
			},
		},
		(request, reply) =>
			acceptJob(ports, request, reply, {
				submit: async (principal, key) => {
					const found = await ports.jobs.get(principal.tenantId, request.params.id);
					return submitJob(submitPorts, principal, await requestAgain(submitPorts, principal, found), key);
				},
			}),
	);
}
