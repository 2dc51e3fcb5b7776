/** What a webhook can be sent for, and when it happens. */
export const eventTypes = {
	"job.started": "A worker began with the job's first step.",
	"job.succeeded": "Every picture is there.",
	"job.partial": "The job ended: some pictures are there, some failed.",
	"job.failed": "The job ended without a picture.",
	"job.cancelled": "The job was cancelled.",
	"batch.created": "The batch was accepted.",
	"batch.started": "The batch's first item was accepted.",
	"batch.paused": "The batch reached its budget, ran out of credit or was paused, and waits.",
	"batch.completed": "Every item has ended.",
	"batch.cancelled": "The batch was cancelled.",
	"quota.warning": "80 % of what the plan includes this month is drawn; once for each unit and month.",
	"quota.exhausted": "All of what the plan includes this month is drawn; once for each unit and month.",
	"training.started": "An engine began to train the LoRA.",
	"training.succeeded": "The LoRA is there.",
	"training.failed": "The training ended without a LoRA.",
	"training.cancelled": "The training was cancelled.",
	"webhook.test": "You asked for it.",
} as const;
export type EventType = keyof typeof eventTypes;

/** An address that one request named: it alone is told of what the request leads to, besides the tenant's endpoints. */
export interface RequestWebhook {
	url: string;
	/** Event types, `job.*` or `*`. */
	types: string[];
}
