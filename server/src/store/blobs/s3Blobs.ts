import { Readable } from "node:stream";
import {
	DeleteObjectCommand,
	GetObjectCommand,
	type GetObjectCommandOutput,
	HeadBucketCommand,
	ListObjectsV2Command,
	type S3Client,
} from "@aws-sdk/client-s3";
import type { BlobStore } from "../../domain/ports.ts";
import { assertBlobName, assertRange, assertTenantId, isSha256, isTenantId, sha256Of } from "./blobName.ts";
import { connectS3, errorName, requestTimeoutMs, type S3Location, storeUnavailable, throwKnown, timeout } from "./s3Client.ts";
import { linkObject } from "./s3Link.ts";
import { putObject } from "./s3Put.ts";

/** A probe has to answer soon: who asks is a load balancer. */
const checkTimeoutMs = 5_000;
/** How often reading a whole object begins anew when its connection breaks in the middle. */
const maxReads = 3;

/**
 * Blobs in a bucket that exists, under `<tenant>/<sha256>`. Nobody else needs to be able to read the bucket.
 * Besides the port's errors, everything throws `unavailable` while the bucket cannot be used.
 */
export function createS3Blobs(location: S3Location): BlobStore {
	const client = connectS3(location);
	const Bucket = location.bucket;
	const keyOf = (tenantId: string, sha256: string) => `${tenantId}/${sha256}`;
	const { encryption } = location;
	const settings = encryption
		? { ServerSideEncryption: encryption.method, ...(encryption.kmsKeyId ? { SSEKMSKeyId: encryption.kmsKeyId } : {}) }
		: {};
	return {
		async put(tenantId, bytes) {
			assertTenantId(tenantId);
			const sha256 = sha256Of(bytes);
			await putObject(client, { Bucket, Key: keyOf(tenantId, sha256), ...settings }, bytes);
			return { sha256 };
		},

		async get(tenantId, sha256) {
			assertBlobName(tenantId, sha256);
			return getWhole(client, Bucket, keyOf(tenantId, sha256));
		},

		async stream(tenantId, sha256, range) {
			assertBlobName(tenantId, sha256);
			if (range) assertRange(range);
			const command = new GetObjectCommand({
				Bucket,
				Key: keyOf(tenantId, sha256),
				...(range ? { Range: `bytes=${range.start}-${range.end}` } : {}),
			});
			const untilAnswer = new AbortController();
			const timer = setTimeout(() => untilAnswer.abort(), requestTimeoutMs);
			try {
				return readBody(await client.send(command, { abortSignal: untilAnswer.signal }));
			} catch (error) {
				return throwKnown(error);
			} finally {
				clearTimeout(timer);
			}
		},

		async delete(tenantId, sha256) {
			assertBlobName(tenantId, sha256);
			await client.send(new DeleteObjectCommand({ Bucket, Key: keyOf(tenantId, sha256) }), timeout()).catch(throwKnown);
		},

		list: () => listObjects(client, Bucket),
		async link(tenantId, sha256, link) {
			assertBlobName(tenantId, sha256);
			return linkObject(client, location, keyOf(tenantId, sha256), link);
		},
		async check() {
			await client.send(new HeadBucketCommand({ Bucket }), timeout(checkTimeoutMs)).catch((error: unknown) => {
				throw storeUnavailable(error);
			});
		},
		async close() {
			client.destroy();
		},
	};
}

async function getWhole(client: S3Client, Bucket: string, Key: string): Promise<Uint8Array> {
	for (let reads = 1; ; reads++) {
		try {
			const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }), timeout());
			return Body ? await Body.transformToByteArray() : new Uint8Array();
		} catch (error) {
			if (reads === maxReads || ["NoSuchKey", "NoSuchBucket", "AccessDenied"].includes(errorName(error))) return throwKnown(error);
		}
	}
}

async function* listObjects(client: S3Client, Bucket: string): AsyncIterable<{ tenantId: string; sha256: string; modifiedAt: Date }> {
	let ContinuationToken: string | undefined;
	do {
		const page = await client.send(new ListObjectsV2Command({ Bucket, ContinuationToken }), timeout()).catch(throwKnown);
		for (const { Key = "", LastModified } of page.Contents ?? []) {
			const [tenantId = "", sha256 = "", ...rest] = Key.split("/");
			if (LastModified && rest.length === 0 && isTenantId(tenantId) && isSha256(sha256))
				yield { tenantId, sha256, modifiedAt: LastModified };
		}
		ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined;
	} while (ContinuationToken);
}

/** The body as chunks. `return` gives the connection back even before the first chunk was asked for, which a stream's own iterator does not. */
function readBody({ Body }: GetObjectCommandOutput): AsyncIterableIterator<Uint8Array> {
	const body: Readable = Body instanceof Readable ? Body : Readable.from([]);
	// A connection that breaks before anybody reads: who reads then sees it, nobody else must.
	body.on("error", () => {});
	const chunks: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]();
	return {
		next: () => chunks.next(),
		async return() {
			body.destroy();
			return { done: true, value: undefined };
		},
		[Symbol.asyncIterator]() {
			return this;
		},
	};
}
