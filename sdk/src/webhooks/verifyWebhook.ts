import type { Json, JsonObject } from "../types.ts";

/** A message that proved to be signed with the secret. */
export interface WebhookEvent {
	/** Event type, such as `job.succeeded`. */
	type: string;
	/** When it happened, ISO 8601. */
	timestamp: string;
	/** What it is about, as it was when the message was sent. */
	data: JsonObject;
}

/** Headers of a request: a `Headers`, or an object with names in any case, as Node's `request.headers`. */
type HeadersLike = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface VerifyOptions {
	/** How far the message's time may be from now, in seconds: older ones may be somebody's recordings. Default: 300. */
	toleranceS?: number;
	/** Default: the clock. */
	now?: Date;
}

/** The message is not what it claims to be. Answer with status 400 and do nothing. */
export class WebhookVerificationError extends Error {
	override readonly name = "WebhookVerificationError";
}

/**
 * Checks a webhook as the Standard Webhooks specification says, and reads it. `body` is the request's body exactly as it came: a parsed and
 * re-written one does not verify. `secret` may be several while you change over from one to another.
 * @throws {WebhookVerificationError}
 */
export async function verifyWebhook(
	body: string | Uint8Array<ArrayBuffer>,
	headers: HeadersLike,
	secret: string | readonly string[],
	{ toleranceS = 300, now = new Date() }: VerifyOptions = {},
): Promise<WebhookEvent> {
	const id = headerOf(headers, "webhook-id");
	const sentAt = headerOf(headers, "webhook-timestamp");
	const signatures = headerOf(headers, "webhook-signature").split(" ");
	if (!/^\d{1,12}$/.test(sentAt)) throw new WebhookVerificationError("The header webhook-timestamp is no time.");
	if (Math.abs(now.getTime() / 1_000 - Number(sentAt)) > toleranceS)
		throw new WebhookVerificationError(`The message was signed more than ${toleranceS} s from now.`);
	const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
	const signed = join(new TextEncoder().encode(`${id}.${sentAt}.`), bytes);
	const secrets = typeof secret === "string" ? [secret] : secret;
	for (const each of secrets) if (await isSigned(signed, signatures, each)) return read(bytes);
	throw new WebhookVerificationError("No signature of the message is of this secret.");
}

function headerOf(headers: HeadersLike, name: string): string {
	const value = headers instanceof Headers ? headers.get(name) : Object.entries(headers).find(([each]) => each.toLowerCase() === name)?.[1];
	if (typeof value === "string" && value !== "") return value;
	throw new WebhookVerificationError(`The header ${name} is missing.`);
}

async function isSigned(signed: Uint8Array<ArrayBuffer>, signatures: readonly string[], secret: string): Promise<boolean> {
	const bytes = decode(secret.replace(/^whsec_/, ""));
	if (!bytes || bytes.length === 0) throw new TypeError("The webhook secret must be whsec_ and base64.");
	const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
	for (const signature of signatures) {
		const [version, value = ""] = signature.split(",");
		const claimed = version === "v1" ? decode(value) : null;
		// Compares in constant time.
		if (claimed && (await crypto.subtle.verify("HMAC", key, claimed, signed))) return true;
	}
	return false;
}

function decode(base64: string): Uint8Array<ArrayBuffer> | null {
	try {
		return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
	} catch {
		return null;
	}
}

function join(head: Uint8Array, tail: Uint8Array): Uint8Array<ArrayBuffer> {
	const joined = new Uint8Array(head.length + tail.length);
	joined.set(head);
	joined.set(tail, head.length);
	return joined;
}

function read(bytes: Uint8Array): WebhookEvent {
	const value = JSON.parse(new TextDecoder().decode(bytes)) as Json;
	if (typeof value !== "object" || value === null || Array.isArray(value) || typeof value.type !== "string")
		throw new WebhookVerificationError("The message is signed but no event.");
	return value as unknown as WebhookEvent;
}
