import type { FastifyZodOpenApiSchema } from "fastify-zod-openapi";
import { z } from "zod";
import { listAllDeliveriesQuery, listDeliveriesQuery, webhookDelivery, webhookDeliveryPage } from "../contract/webhook.ts";
import type { DeliveryFilter } from "../domain/webhooks/webhookStore.ts";
import { principalOf } from "./authenticate.ts";
import { resourceId } from "./jobRoutes.ts";
import type { App, HttpPorts } from "./ports.ts";
import { presentDelivery } from "./presentWebhook.ts";
import { json, problems, security } from "./responses.ts";

const access = { access: "manage" as const };
const common = { tags: ["Webhooks"], security: security.key };
const webhookParams = z.object({ id: resourceId.describe("The webhook.") });
const deliveryParams = z.object({ id: resourceId.describe("The delivery.") });
const refusals = ["unauthenticated", "forbidden", "invalid_request"] as const;

const testSchema = {
	...common,
	operationId: "testWebhook",
	summary: "Send a test message",
	description: "Takes no body. Sends `webhook.test` once, without retries; ask for the delivery to see what the receiver answered.",
	params: webhookParams,
	response: { 202: json("It is being sent.", webhookDelivery), ...problems(...refusals, "not_found", "webhook_disabled") },
} satisfies FastifyZodOpenApiSchema;
const listSchema = {
	...common,
	operationId: "listWebhookDeliveries",
	summary: "What was sent to a webhook, newest first",
	description: "Kept for 30 days after it was delivered or given up.",
	params: webhookParams,
	querystring: listDeliveriesQuery,
	response: { 200: json("One page.", webhookDeliveryPage), ...problems(...refusals, "not_found") },
} satisfies FastifyZodOpenApiSchema;
const listAllSchema = {
	...common,
	operationId: "listDeliveries",
	summary: "What was sent to any webhook or request's own address, newest first",
	querystring: listAllDeliveriesQuery,
	response: { 200: json("One page.", webhookDeliveryPage), ...problems(...refusals) },
} satisfies FastifyZodOpenApiSchema;
const getSchema = {
	...common,
	operationId: "getDelivery",
	summary: "A delivery, with the whole of what was answered",
	params: deliveryParams,
	response: { 200: json("The delivery.", webhookDelivery), ...problems(...refusals, "not_found") },
} satisfies FastifyZodOpenApiSchema;
const redeliverSchema = {
	...common,
	operationId: "redeliver",
	summary: "Send a message again",
	description: "Takes no body. The same `webhook-id`, the thing it is about as it is now, on a schedule that begins anew.",
	params: deliveryParams,
	response: { 202: json("It is sent again.", webhookDelivery), ...problems(...refusals, "not_found", "webhook_disabled") },
} satisfies FastifyZodOpenApiSchema;

/** The log of what was sent, and sending again. */
export function deliveryRoutes(app: App, { webhooks }: HttpPorts): void {
	const page = async (tenantId: string, filter: DeliveryFilter, { limit, before }: { limit: number; before?: string | undefined }) => {
		const { deliveries, next } = await webhooks.deliveries(tenantId, filter, { limit, before: before ?? null });
		return { data: deliveries.map(presentDelivery), next };
	};
	app.post("/webhooks/:id/test", { config: access, schema: testSchema }, async (request, reply) => {
		const { tenantId } = principalOf(request);
		const id = await webhooks.test(tenantId, request.params.id);
		return reply.code(202).send(presentDelivery(await webhooks.delivery(tenantId, id)));
	});
	app.get("/webhooks/:id/deliveries", { config: access, schema: listSchema }, async (request) => {
		const { tenantId } = principalOf(request);
		const { status } = request.query;
		const { id: endpointId } = await webhooks.get(tenantId, request.params.id);
		return page(tenantId, { endpointId, ...(status ? { status } : {}) }, request.query);
	});
	app.get("/webhooks/deliveries", { config: access, schema: listAllSchema }, async (request) => {
		const { status, subject } = request.query;
		const filter = { ...(status ? { status } : {}), ...(subject === undefined ? {} : { subjectId: subject }) };
		return page(principalOf(request).tenantId, filter, request.query);
	});
	app.get("/webhooks/deliveries/:id", { config: access, schema: getSchema }, async (request) =>
		presentDelivery(await webhooks.delivery(principalOf(request).tenantId, request.params.id)),
	);
	app.post("/webhooks/deliveries/:id/redeliver", { config: access, schema: redeliverSchema }, async (request, reply) => {
		const { tenantId } = principalOf(request);
		await webhooks.redeliver(tenantId, request.params.id);
		return reply.code(202).send(presentDelivery(await webhooks.delivery(tenantId, request.params.id)));
	});
}
