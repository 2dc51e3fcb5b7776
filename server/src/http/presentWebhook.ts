import type { z } from "zod";
import { webhookTraining } from "../contract/training.ts";
import { type webhook, type webhookDelivery, webhookJob, type webhookSecret } from "../contract/webhook.ts";
import { GlassworksError } from "../domain/errors.ts";
import type { JobStore } from "../domain/jobs/jobStore.ts";
import type { JsonObject } from "../domain/json.ts";
import type { TrainingStore } from "../domain/trainings/trainingStore.ts";
import type { DueDelivery, WebhookDelivery, WebhookEndpoint, WebhookSecret } from "../domain/webhooks/webhookStore.ts";
import { type PresentPorts, presentJob } from "./presentJob.ts";
import { presentTraining } from "./presentTraining.ts";

export function presentWebhook(endpoint: WebhookEndpoint): z.infer<typeof webhook> {
	const { id, url, types, description, enabled, disabledBy, disabledAt, failingSince, createdAt } = endpoint;
	return {
		...{ id, object: "webhook", url, events: types, description, enabled, disabled_by: disabledBy },
		disabled_at: disabledAt?.toISOString() ?? null,
		failing_since: failingSince?.toISOString() ?? null,
		created_at: createdAt.toISOString(),
	};
}

export function presentSecret({ secret, previousUntil }: WebhookSecret): z.infer<typeof webhookSecret> {
	return { secret, previous_until: previousUntil?.toISOString() ?? null };
}

export function presentDelivery({
	id,
	endpointId,
	url,
	event,
	status,
	dueAt,
	endedAt,
	attempts,
}: WebhookDelivery): z.infer<typeof webhookDelivery> {
	return {
		...{ id, object: "webhook_delivery", webhook_id: endpointId, url, status },
		event: { id: event.id, type: event.type, subject: event.subjectId, created_at: event.createdAt.toISOString() },
		next_attempt_at: status === "pending" ? dueAt.toISOString() : null,
		ended_at: endedAt?.toISOString() ?? null,
		attempts: attempts.map(({ number, url: sentTo, startedAt, durationMs, status: answered, note, answer }) => ({
			...{ number, url: sentTo, started_at: startedAt.toISOString(), duration_ms: durationMs, status: answered, note, answer },
		})),
	};
}

/** What a receiver is told: of a job or training as it is now, with fresh links; of anything else, what was written with the event. */
export async function presentMessageData(
	ports: PresentPorts & { jobs: Pick<JobStore, "get">; trainings: Pick<TrainingStore, "get"> },
	tenantId: string,
	{ type, subjectId, data }: DueDelivery["event"],
): Promise<JsonObject> {
	const isTraining = type.startsWith("training.");
	if (!isTraining && !type.startsWith("job.")) return data;
	try {
		if (isTraining) {
			const training = presentTraining(ports, await ports.trainings.get(tenantId, subjectId), null);
			return webhookTraining.parse(training) as unknown as JsonObject;
		}
		const job = await presentJob(ports, await ports.jobs.get(tenantId, subjectId), null);
		return webhookJob.parse(job) as unknown as JsonObject;
	} catch (error) {
		// It was deleted since: that it happened is still told.
		if (error instanceof GlassworksError && ["not_found", "job_deleted"].includes(error.code))
			return { id: subjectId, object: isTraining ? "training" : "job", deleted: true, ...data };
		throw error;
	}
}
