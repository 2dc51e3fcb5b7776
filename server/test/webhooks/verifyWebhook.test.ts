import { verifyWebhook, WebhookVerificationError } from "@glassworks/sdk";
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const other = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
const body = JSON.stringify({ type: "job.succeeded", timestamp: "2026-11-25T10:00:00.000Z", data: { id: "job_1", note: "żółw 🐢" } });

function signed(by: string, text = body, at = new Date()): Record<string, string> {
	return {
		"webhook-id": "evt_1",
		"webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
		"webhook-signature": new Webhook(by).sign("evt_1", at, text),
	};
}

test("a message that the specification's own library signed is read", async () => {
	const event = await verifyWebhook(body, signed(secret), secret);
	expect(event).toEqual(JSON.parse(body));
	expect(await verifyWebhook(new TextEncoder().encode(body), new Headers(signed(secret)), secret)).toEqual(event);
	const shouted = Object.fromEntries(Object.entries(signed(secret)).map(([name, value]) => [name.toUpperCase(), value]));
	expect(await verifyWebhook(body, shouted, secret)).toEqual(event);
});

test("of several signatures and several secrets, one that fits is enough", async () => {
	const headers = signed(secret);
	const both = { ...headers, "webhook-signature": `v1a,AAAA ${signed(other)["webhook-signature"]} ${headers["webhook-signature"]}` };
	expect((await verifyWebhook(body, both, secret)).type).toBe("job.succeeded");
	expect((await verifyWebhook(body, headers, [other, secret])).type).toBe("job.succeeded");
	expect(() => new Webhook(secret).verify(body, both)).not.toThrow();
});

const now = new Date();
test.each<[string, string, Record<string, string | undefined>, string]>([
	["another secret", body, signed(other), secret],
	["another body", `${body} `, signed(secret), secret],
	["another id", body, { ...signed(secret), "webhook-id": "evt_2" }, secret],
	["another time", body, { ...signed(secret), "webhook-timestamp": String(Math.floor(now.getTime() / 1_000) - 1) }, secret],
	["an old recording", body, signed(secret, body, new Date(now.getTime() - 301_000)), secret],
	["a time to come", body, signed(secret, body, new Date(now.getTime() + 310_000)), secret],
	["a time that is none", body, { ...signed(secret), "webhook-timestamp": "now" }, secret],
	["no signature", body, { ...signed(secret), "webhook-signature": undefined }, secret],
	["no id", body, { ...signed(secret), "webhook-id": "" }, secret],
	["a signature that is no base64", body, { ...signed(secret), "webhook-signature": "v1,*" }, secret],
	[
		"a signature of another kind",
		body,
		{ ...signed(secret), "webhook-signature": signed(secret)["webhook-signature"]?.replace("v1", "v9") },
		secret,
	],
	["a body that is no event", "[]", signed(secret, "[]"), secret],
])("a message with %s is refused", async (_what, text, headers, by) => {
	await expect(verifyWebhook(text, headers, by)).rejects.toThrow(WebhookVerificationError);
});

test("a secret that is none is the programmer's mistake, not the sender's", async () => {
	await expect(verifyWebhook(body, signed(secret), "whsec_*")).rejects.toThrow(TypeError);
	await expect(verifyWebhook(body, signed(secret), "")).rejects.toThrow(TypeError);
});
