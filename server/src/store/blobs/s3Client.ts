import { S3Client, type ServerSideEncryption } from "@aws-sdk/client-s3";
import { GlassworksError } from "../../domain/errors.ts";
import { blobNotFound, rangeOutside } from "./blobName.ts";

/** One request with its retries; the body of a streamed answer may take longer. */
export const requestTimeoutMs = 60_000;
/** The client's own tries of one request that met a broken connection, a 5xx or "slow down", with growing pauses. */
const maxAttempts = 4;

export interface S3Location {
	bucket: string;
	/** Null: Amazon's own. */
	endpoint: string | null;
	region: string;
	/** Null: the machine's own role. */
	credentials: { accessKeyId: string; secretAccessKey: string } | null;
	/** True: the bucket is in the path and not in the host name. */
	forcePathStyle: boolean;
	/** How the store encrypts what it keeps; absent or null: as the bucket says. */
	encryption?: { method: ServerSideEncryption; kmsKeyId: string | null } | null;
	/** Where signed links lead; absent or null: the bytes go through this server. */
	links?: { kind: "presign" } | { kind: "cdn"; baseUrl: string; signer: CdnSigner | null } | null;
}

/** A key pair that the CDN knows (CloudFront's trusted key groups). */
export interface CdnSigner {
	keyPairId: string;
	/** PEM. */
	privateKey: string;
}

export function connectS3(location: S3Location): S3Client {
	return new S3Client({
		region: location.region,
		forcePathStyle: location.forcePathStyle,
		maxAttempts,
		requestHandler: { connectionTimeout: 5_000, socketTimeout: 30_000 },
		// A copy: the client writes on it, and configuration is frozen.
		...(location.credentials ? { credentials: { ...location.credentials } } : {}),
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

export function timeout(ms = requestTimeoutMs): { abortSignal: AbortSignal } {
	return { abortSignal: AbortSignal.timeout(ms) };
}

export function errorName(error: unknown): string {
	return error instanceof Error ? error.name : "";
}

/** @throws {GlassworksError} not_found, range_not_satisfiable, else unavailable */
export function throwKnown(error: unknown): never {
	if (error instanceof GlassworksError) throw error;
	const name = errorName(error);
	if (name === "NoSuchKey" || name === "NotFound") throw blobNotFound();
	if (name === "InvalidRange") throw rangeOutside();
	throw storeUnavailable(error);
}

export function storeUnavailable(error: unknown): GlassworksError {
	const unavailable = new GlassworksError("unavailable", "The picture store could not be used. Try again shortly.", { retry_after_s: 5 });
	// For the log: says whether it was the network, the bucket's name or the key's rights.
	unavailable.cause = error;
	return unavailable;
}
