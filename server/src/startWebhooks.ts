import type { Log, Mailer } from "./domain/ports.ts";
import type { WebhookSender } from "./domain/webhooks/webhookSender.ts";
import { presentDialectMessage } from "./http/mountDialects.ts";
import type { HttpPorts } from "./http/ports.ts";
import { presentMessageData } from "./http/presentWebhook.ts";
import type { Stores } from "./store/openStores.ts";
import type { DeliverPorts } from "./webhooks/deliver.ts";
import { startDeliverer } from "./webhooks/deliverer.ts";
import { tellManagers } from "./webhooks/tellManagers.ts";
import { startChore } from "./worker/chore.ts";

/** What was delivered or given up is kept for so long. */
const keptMs = 30 * 24 * 3_600_000;
const purgeEveryMs = 3_600_000;
const tellEveryMs = 10_000;

interface WebhookParts {
	ports: HttpPorts;
	stores: Stores;
	mailer: Mailer;
	sender: WebhookSender;
	log: Log;
}

/** Delivers, tells managers of disabled webhooks, and clears the log. Only a process with the API does: messages hold links to it. */
export function startWebhooks({ ports, stores, mailer, sender, log }: WebhookParts): (() => Promise<void>)[] {
	const { outbox, webhooks } = stores;
	const present: DeliverPorts["present"] = (tenantId, event) => presentMessageData(ports, tenantId, event);
	const presentOther: DeliverPorts["presentOther"] = async (tenantId, { type, subjectId }) =>
		type.startsWith("job.") ? presentDialectMessage(ports, tenantId, subjectId) : null;
	const onAttempt = (outcome: string) => ports.metrics.countWebhook(outcome);
	return [
		startDeliverer({ outbox, webhooks, sender, present, presentOther, random: Math.random, onAttempt, log }),
		startChore({ name: "webhook notices", everyMs: tellEveryMs, run: () => tellManagers({ outbox, mailer, log }), log }),
		startChore({ name: "webhook retention", everyMs: purgeEveryMs, run: () => outbox.purge(keptMs), log }),
	];
}
