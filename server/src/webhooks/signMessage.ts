import { randomBytes } from "node:crypto";
import { Webhook } from "standardwebhooks";

/** Bytes; the specification asks for 24 to 64. */
const secretBytes = 24;

/** A secret as the Standard Webhooks specification writes it: `whsec_` and standard base64. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(secretBytes).toString("base64")}`;

/** The headers that prove to a receiver who sent it and when; one signature for each secret. */
export function signMessage(id: string, body: string, secrets: readonly string[], now: Date): Record<string, string> {
	return {
		"webhook-id": id,
		"webhook-timestamp": String(Math.floor(now.getTime() / 1_000)),
		"webhook-signature": secrets.map((secret) => new Webhook(secret).sign(id, now, body)).join(" "),
	};
}
