import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createFalClient } from "@fal-ai/client";
import Replicate, { validateWebhook } from "replicate";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { type Receiver, startReceiver } from "../webhooks/receiver.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

/** `npm run test:clients` makes it. */
const python = fileURLToPath(new URL("../../../.cache/clients/bin/python", import.meta.url));
/** Exits with 0 when Replicate's own library says that the message is ours, and that another body is not. */
const validates = `
import json, sys
from replicate.webhook import InvalidSignatureError, Webhooks, WebhookSigningSecret
told = json.loads(sys.argv[1])
secret = WebhookSigningSecret(key=told["key"])
Webhooks.validate(headers=told["headers"], body=told["body"], secret=secret)
try:
    Webhooks.validate(headers=told["headers"], body=told["body"] + " ", secret=secret)
    sys.exit("a changed body passed")
except InvalidSignatureError:
    pass
`;

let app: TestApp;
let replicate: Replicate;
beforeAll(async () => {
	app = await startTestApp({ GLASSWORKS_ALLOW_PRIVATE_NETWORKS: "127.0.0.0/8" });
	replicate = new Replicate({ auth: app.ownerKey, baseUrl: `${app.url}/replicate/v1` });
});
afterAll(() => app?.close());

async function told(receiver: Receiver, count: number) {
	while (receiver.messages.length < count) await new Promise((resolve) => setTimeout(resolve, 100));
	return receiver.messages.map(({ headers, body }) => ({ headers, body, json: JSON.parse(body) as Record<string, unknown> }));
}

test("replicate's webhook is told with the prediction, and its own library says that it is ours", async () => {
	const receiver = await startReceiver();
	const input = { prompt: "a red apple", width: 64, height: 64, num_inference_steps: 2 };
	const made = await replicate.predictions.create({
		...{ model: "glassworks/embedded", input, webhook: receiver.url },
		webhook_events_filter: ["completed"],
	});
	const [message] = await told(receiver, 1);
	expect(message?.json).toMatchObject({ id: made.id, status: "succeeded", output: [expect.stringMatching(/^http/)] });
	const { key } = await replicate.webhooks.default.secret.get();
	const { headers = {}, body = "" } = message ?? {};
	const given = {
		id: headers["webhook-id"],
		timestamp: headers["webhook-timestamp"],
		signature: headers["webhook-signature"],
		body,
		secret: key,
	};
	expect(await validateWebhook(given as never)).toBe(true);
	expect(await validateWebhook({ ...given, body: `${body} ` } as never)).toBe(false);
});

test.skipIf(!existsSync(python))("replicate's Python library says so too", async () => {
	const receiver = await startReceiver();
	const input = { prompt: "a red apple", width: 64, height: 64, num_inference_steps: 2 };
	await replicate.predictions.create({ model: "glassworks/embedded", input, webhook: receiver.url, webhook_events_filter: ["completed"] });
	const [message] = await told(receiver, 1);
	const { key } = await replicate.webhooks.default.secret.get();
	const given = JSON.stringify({ key, headers: message?.headers, body: message?.body });
	await promisify(execFile)(python, ["-c", validates, given]);
});

test("fal's webhook is told with the result, signed as the Standard Webhooks say", async () => {
	const receiver = await startReceiver();
	const fal = createFalClient({ credentials: app.ownerKey, proxyUrl: { url: `${app.url}/api/fal/proxy`, when: "always" } });
	const input = { prompt: "a red apple", image_size: { width: 64, height: 64 }, num_inference_steps: 2 };
	const { request_id: id } = await fal.queue.submit("glassworks/embedded", { input, webhookUrl: receiver.url });
	const [message] = await told(receiver, 1);
	expect(message?.json).toMatchObject({ request_id: id, status: "OK", payload: { images: [{ width: 64 }] } });
	const { key } = await replicate.webhooks.default.secret.get();
	expect(new Webhook(key).verify(message?.body ?? "", message?.headers ?? {})).toMatchObject({ request_id: id });
	const bad = await fal.queue.submit("glassworks/embedded", { input, webhookUrl: "http://10.0.0.1/" }).catch((error) => error);
	expect(bad).toMatchObject({ status: 422, body: { detail: [{ loc: ["body", "fal_webhook"] }] } });
});
