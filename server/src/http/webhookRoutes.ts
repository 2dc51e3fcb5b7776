import type { FastifyZodOpenApiSchema } from "fastify-zod-openapi";
import { z } from "zod";
import { pageQuery } from "../contract/common.ts";
import { changeWebhook, createdWebhook, createWebhook, webhook, webhookPage, webhookSecret } from "../contract/webhook.ts";
import type { EndpointChange } from "../domain/webhooks/webhookStore.ts";
import { principalOf } from "./authenticate.ts";
import { repeatable } from "./generationRoutes.ts";
import { answerOnce } from "./idempotency.ts";
import { resourceId } from "./jobRoutes.ts";
import type { App, HttpPorts } from "./ports.ts";
import { presentSecret, presentWebhook } from "./presentWebhook.ts";
import { checkWebhookUrl } from "./readWebhook.ts";
import { json, problems, security } from "./responses.ts";
import { deliveryRoutes } from "./webhookDeliveryRoutes.ts";

const access = { access: "manage" as const };
const common = { tags: ["Webhooks"], security: security.key };
const webhookParams = z.object({ id: resourceId.describe("The webhook.") });
const refusals = ["unauthenticated", "forbidden", "invalid_request"] as const;
/** How long the old secret goes on signing beside the new one. */
const overlapMs = 24 * 3_600_000;

const createSchema = {
	...common,
	operationId: "createWebhook",
	summary: "Have an address told of what happens",
	description:
		"Messages follow the Standard Webhooks specification: verify them with the secret in the answer. Safe to repeat with an `Idempotency-Key`.",
	headers: repeatable,
	body: createWebhook,
	response: {
		201: json("Made, with its secret.", createdWebhook),
		...problems(
			...([...refusals, "malformed_body", "url_blocked", "webhook_limit", "idempotency_key_reused", "idempotency_in_flight"] as const),
		),
	},
} satisfies FastifyZodOpenApiSchema;
const listSchema = {
	...common,
	operationId: "listWebhooks",
	summary: "Your account's webhooks, newest first",
	querystring: pageQuery,
	response: { 200: json("One page, without secrets.", webhookPage), ...problems(...refusals) },
} satisfies FastifyZodOpenApiSchema;
const getSchema = {
	...common,
	operationId: "getWebhook",
	summary: "A webhook, without its secret",
	params: webhookParams,
	response: { 200: json("The webhook.", webhook), ...problems(...refusals, "not_found") },
} satisfies FastifyZodOpenApiSchema;
const changeSchema = {
	...common,
	operationId: "changeWebhook",
	summary: "Change a webhook, or enable it again",
	description: "Messages that wait go to the new address. Disabling drops them; they stay in the log.",
	params: webhookParams,
	body: changeWebhook,
	response: { 200: json("The webhook.", webhook), ...problems(...refusals, "not_found", "malformed_body", "url_blocked") },
} satisfies FastifyZodOpenApiSchema;
const removeSchema = {
	...common,
	operationId: "removeWebhook",
	summary: "Remove a webhook and its log",
	params: webhookParams,
	response: { 204: { description: "Removed; nothing more is sent to it." }, ...problems(...refusals, "not_found") },
} satisfies FastifyZodOpenApiSchema;
const secretSchema = {
	...common,
	operationId: "getWebhookSecret",
	summary: "What a webhook's messages are signed with",
	params: webhookParams,
	response: { 200: json("The secret.", webhookSecret), ...problems(...refusals, "not_found") },
} satisfies FastifyZodOpenApiSchema;
const rotateSchema = {
	...common,
	operationId: "rotateWebhookSecret",
	summary: "Sign with a new secret",
	description:
		"Takes no body. For 24 hours messages carry two signatures, of the new secret and of the one before, so that receivers can change over.",
	params: webhookParams,
	response: { 200: json("The new secret.", webhookSecret), ...problems(...refusals, "not_found") },
} satisfies FastifyZodOpenApiSchema;
const defaultSecretSchema = {
	...common,
	operationId: "getDefaultWebhookSecret",
	summary: "What messages to a request's own `webhook_url` are signed with",
	response: { 200: json("The secret.", webhookSecret), ...problems(...refusals) },
} satisfies FastifyZodOpenApiSchema;
const rotateDefaultSchema = {
	...common,
	operationId: "rotateDefaultWebhookSecret",
	summary: "Sign messages to requests' own addresses with a new secret",
	description: "Takes no body. As for webhooks: for 24 hours the secret before signs too.",
	response: { 200: json("The new secret.", webhookSecret), ...problems(...refusals) },
} satisfies FastifyZodOpenApiSchema;

/** Where a tenant wants to be told of what happens to it, and what was sent there. */
export function webhookRoutes(app: App, ports: HttpPorts): void {
	createRoute(app, ports);
	ownRoutes(app, ports);
	secretRoutes(app, ports);
	deliveryRoutes(app, ports);
}

function createRoute(app: App, ports: HttpPorts): void {
	const { webhooks } = ports;
	app.post("/webhooks", { config: access, schema: createSchema }, async (request, reply) => {
		const { tenantId } = principalOf(request);
		const { url, events: types, description, enabled } = request.body;
		const { status, body } = await answerOnce(ports.idempotency, request, reply, tenantId, {
			async accept(idempotencyKey) {
				await checkWebhookUrl(ports, "url", url);
				const secret = ports.newWebhookSecret();
				return webhooks.create({ id: ports.newId("whk"), tenantId, url, types, description, enabled, secret, idempotencyKey });
			},
			find: (id) => webhooks.get(tenantId, id),
			async answer(endpoint) {
				const { secret } = await webhooks.secret(tenantId, endpoint.id, ports.newWebhookSecret());
				return { status: 201, body: JSON.stringify({ ...presentWebhook(endpoint), secret }) };
			},
		});
		const { id } = JSON.parse(body) as { id: string };
		reply.code(status).header("location", `/api/v1/webhooks/${id}`);
		// Sent as it is: a repeat must get the same bytes.
		return reply.type("application/json; charset=utf-8").send(body) as never;
	});
}

function ownRoutes(app: App, ports: HttpPorts): void {
	const { webhooks } = ports;
	app.get("/webhooks", { config: access, schema: listSchema }, async (request) => {
		const { limit, before = null } = request.query;
		const { endpoints, next } = await webhooks.list(principalOf(request).tenantId, { limit, before });
		return { data: endpoints.map(presentWebhook), next };
	});
	app.get("/webhooks/:id", { config: access, schema: getSchema }, async (request) =>
		presentWebhook(await webhooks.get(principalOf(request).tenantId, request.params.id)),
	);
	app.patch("/webhooks/:id", { config: access, schema: changeSchema }, async (request) => {
		const { tenantId } = principalOf(request);
		const { id } = request.params;
		const { url, events, description, enabled } = request.body;
		await webhooks.get(tenantId, id);
		if (url !== undefined) await checkWebhookUrl(ports, "url", url);
		const change: EndpointChange = {
			...(url === undefined ? {} : { url }),
			...(events === undefined ? {} : { types: events }),
			...(description === undefined ? {} : { description }),
			...(enabled === undefined ? {} : { enabled }),
		};
		return presentWebhook(await webhooks.change(tenantId, id, change));
	});
	app.delete("/webhooks/:id", { config: access, schema: removeSchema }, async (request, reply) => {
		await webhooks.remove(principalOf(request).tenantId, request.params.id);
		return reply.code(204).send();
	});
}

function secretRoutes(app: App, { webhooks, newWebhookSecret }: HttpPorts): void {
	app.get("/webhooks/:id/secret", { config: { ...access, audit: true }, schema: secretSchema }, async (request) =>
		presentSecret(await webhooks.secret(principalOf(request).tenantId, request.params.id, newWebhookSecret())),
	);
	app.post("/webhooks/:id/secret/rotate", { config: access, schema: rotateSchema }, async (request) =>
		presentSecret(await webhooks.rotate(principalOf(request).tenantId, request.params.id, newWebhookSecret(), overlapMs)),
	);
	app.get("/webhooks/default-secret", { config: { ...access, audit: true }, schema: defaultSecretSchema }, async (request) =>
		presentSecret(await webhooks.secret(principalOf(request).tenantId, null, newWebhookSecret())),
	);
	app.post("/webhooks/default-secret/rotate", { config: access, schema: rotateDefaultSchema }, async (request) =>
		presentSecret(await webhooks.rotate(principalOf(request).tenantId, null, newWebhookSecret(), overlapMs)),
	);
}
