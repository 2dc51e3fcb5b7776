import type { WebhookStore } from "../../../domain/webhooks/webhookStore.ts";
import type { Database } from "../../sql.ts";
import { createDeliveryLog } from "./deliveryLog.ts";
import { createEndpoints } from "./endpoints.ts";
import { webhookStats } from "./outbox.ts";
import { createSecrets } from "./secrets.ts";

export function createWebhookStore(database: Database): WebhookStore {
	return { ...createEndpoints(database), ...createSecrets(database), ...createDeliveryLog(database), stats: () => webhookStats(database) };
}
