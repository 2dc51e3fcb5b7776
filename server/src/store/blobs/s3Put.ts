import { createHash } from "node:crypto";
import { HeadObjectCommand, PutObjectCommand, type PutObjectCommandInput, type S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { errorName, requestTimeoutMs, throwKnown, timeout } from "./s3Client.ts";

/** Larger ones are sent in parts of this size, a few at a time: a part that fails is sent again alone. */
const partBytes = 8 * 1_048_576;
const partsAtOnce = 3;
/** How often a write that met another of the same key is repeated. */
const maxConflicts = 5;

/** What an object has besides its bytes. */
export type ObjectSettings = Pick<PutObjectCommandInput, "Bucket" | "Key" | "ServerSideEncryption" | "SSEKMSKeyId">;

/**
 * Stores the bytes, unless the key has them already: keys are digests, so what is there is the same. An object appears whole or not at all;
 * parts of an upload that breaks off are never seen as one. @throws {GlassworksError} unavailable
 */
export async function putObject(client: S3Client, settings: ObjectSettings, bytes: Uint8Array): Promise<void> {
	const input = { ...settings, ContentType: mediaTypeOf(bytes), CacheControl: "private, no-cache" };
	try {
		if (bytes.byteLength > partBytes) await putParts(client, input, bytes);
		else await putWhole(client, input, bytes);
	} catch (error) {
		throwKnown(error);
	}
}

async function putWhole(client: S3Client, input: PutObjectCommandInput, bytes: Uint8Array): Promise<void> {
	const md5 = createHash("md5").update(bytes).digest("base64");
	const whole = { ...input, Body: bytes, ContentLength: bytes.byteLength, ContentMD5: md5 };
	for (let conflicts = 0; ; conflicts++) {
		try {
			await client.send(new PutObjectCommand({ ...whole, IfNoneMatch: "*" }), timeout());
			return;
		} catch (error) {
			const name = errorName(error);
			if (name === "PreconditionFailed") return;
			// Not every store knows the condition; without it the same bytes are written over themselves.
			if (name === "NotImplemented") return void (await client.send(new PutObjectCommand(whole), timeout()));
			if (name !== "ConditionalRequestConflict" || conflicts === maxConflicts) throw error;
		}
	}
}

async function putParts(client: S3Client, input: PutObjectCommandInput, bytes: Uint8Array): Promise<void> {
	if (await isThere(client, input, bytes.byteLength)) return;
	const upload = new Upload({
		client,
		params: { ...input, Body: bytes },
		partSize: partBytes,
		queueSize: partsAtOnce,
		leavePartsOnError: false,
	});
	const parts = Math.ceil(bytes.byteLength / partBytes);
	const timer = setTimeout(() => void upload.abort(), requestTimeoutMs * parts);
	try {
		await upload.done();
	} finally {
		clearTimeout(timer);
	}
}

async function isThere(client: S3Client, { Bucket, Key }: ObjectSettings, size: number): Promise<boolean> {
	try {
		return (await client.send(new HeadObjectCommand({ Bucket, Key }), timeout())).ContentLength === size;
	} catch (error) {
		if (["NotFound", "NoSuchKey"].includes(errorName(error))) return false;
		throw error;
	}
}

/** By the first bytes, for whoever fetches it from the bucket or a CDN. */
function mediaTypeOf(bytes: Uint8Array): string {
	const head = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
	if (head.startsWith("\x89PNG")) return "image/png";
	if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
	return head.startsWith("RIFF") && head.endsWith("WEBP") ? "image/webp" : "application/octet-stream";
}
