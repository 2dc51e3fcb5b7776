import { Readable } from "node:stream";
import {
	DeleteObjectCommand,
	GetObjectCommand,
	type GetObjectCommandOutput,
	ListObjectsV2Command,
	PutObjectCommand,
	S3Client,
} from "@aws-sdk/client-s3";
import { GlassworksError } from "../../domain/errors.ts";
import type { BlobStore } from "../../domain/ports.ts";
import { assertBlobName, assertRange, assertTenantId, blobNotFound, isSha256, isTenantId, rangeOutside, sha256Of } from "./blobName.ts";

/** One request with its retries; the body of a streamed answer may take longer. */
const requestTimeoutMs = 60_000;

export interface S3Location {
	bucket: string;
	/** Null: Amazon's own. */
	endpoint: string | null;
	region: string;
	/** Null: the machine's own role. */
	credentials: { accessKeyId: string; secretAccessKey: string } | null;
	/** True: the bucket is in the path and not in the host name. */
	forcePathStyle: boolean;
}

/**
 * Blobs in a bucket that exists, under `<tenant>/<sha256>`.
 * `put` always uploads, also what is there: nothing else renews an object's age, by which a sweep spares it.
 * Besides the port's errors, everything throws `unavailable` while the bucket cannot be used.
 */
export function createS3Blobs(location: S3Location): BlobStore {
	const client = connect(location);
	const Bucket = location.bucket;
	return {
		async put(tenantId, bytes) {
			assertTenantId(tenantId);
			const sha256 = sha256Of(bytes);
			const command = new PutObjectCommand({ Bucket, Key: `${tenantId}/${sha256}`, Body: bytes, ContentLength: bytes.byteLength });
			await client.send(command, timeout()).catch(throwKnown);
			return { sha256 };
		},

		async get(tenantId, sha256) {
			assertBlobName(tenantId, sha256);
			try {
				const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: `${tenantId}/${sha256}` }), timeout());
				return Body ? await Body.transformToByteArray() : new Uint8Array();
			} catch (error) {
				return throwKnown(error);
			}
		},

		async stream(tenantId, sha256, range) {
			assertBlobName(tenantId, sha256);
			if (range) assertRange(range);
			const command = new GetObjectCommand({
				Bucket,
				Key: `${tenantId}/${sha256}`,
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
			await client.send(new DeleteObjectCommand({ Bucket, Key: `${tenantId}/${sha256}` }), timeout()).catch(throwKnown);
		},

		list: () => listObjects(client, Bucket),
		async close() {
			client.destroy();
		},
	};
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

function timeout(): { abortSignal: AbortSignal } {
	return { abortSignal: AbortSignal.timeout(requestTimeoutMs) };
}

function connect(location: S3Location): S3Client {
	return new S3Client({
		region: location.region,
		forcePathStyle: location.forcePathStyle,
		requestHandler: { connectionTimeout: 5_000 },
		...(location.credentials ? { credentials: location.credentials } : {}),
		// Stores other than Amazon's often refuse the checksum trailers that the client adds by itself.
		...(location.endpoint
			? {
					endpoint: location.endpoint,
					requestChecksumCalculation: "WHEN_REQUIRED" as const,
					responseChecksumValidation: "WHEN_REQUIRED" as const,
				}
			: {}),
	});
}

/** The body as chunks. `return` gives the connection back even before the first chunk was asked for, which a stream's own iterator does not. */
function readBody({ Body }: GetObjectCommandOutput): AsyncIterableIterator<Uint8Array> {
	const body: Readable = Body instanceof Readable ? Body : Readable.from([]);
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

function throwKnown(error: unknown): never {
	const name = error instanceof Error ? error.name : "";
	if (name === "NoSuchKey" || name === "NotFound") throw blobNotFound();
	if (name === "InvalidRange") throw rangeOutside();
	const unavailable = new GlassworksError("unavailable", "The picture store could not be used. Try again shortly.");
	// For the log: says whether it was the network, the bucket's name or the key's rights.
	unavailable.cause = error;
	throw unavailable;
}
