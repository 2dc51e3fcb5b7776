import { createSign } from "node:crypto";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { BlobLink } from "../../domain/ports.ts";
import type { S3Location } from "./s3Client.ts";

/** An address of the object for `ttlMs`; null: this store gives none. A CDN without a signer is public: its addresses work for as long as the object is there. */
export async function linkObject(client: S3Client, location: S3Location, key: string, link: BlobLink): Promise<string | null> {
	const { bucket, links } = location;
	const seconds = Math.ceil(link.ttlMs / 1_000);
	if (!links) return null;
	if (links.kind === "presign") {
		const command = new GetObjectCommand({
			Bucket: bucket,
			Key: key,
			ResponseContentType: link.mediaType,
			ResponseContentDisposition: `inline; filename="${link.fileName}"`,
			ResponseCacheControl: "private, no-cache",
		});
		return getSignedUrl(client, command, { expiresIn: seconds });
	}
	const url = `${links.baseUrl}/${key}`;
	return links.signer ? signForCloudFront(url, links.signer, Math.ceil(Date.now() / 1_000) + seconds) : url;
}

/** CloudFront's canned policy: this address, until then. Its RSA-SHA1 and its alphabet are what CloudFront reads. */
function signForCloudFront(url: string, signer: { keyPairId: string; privateKey: string }, expires: number): string {
	const policy = JSON.stringify({ Statement: [{ Resource: url, Condition: { DateLessThan: { "AWS:EpochTime": expires } } }] });
	const signature = createSign("RSA-SHA1").update(policy).sign(signer.privateKey, "base64");
	const inUrl = signature.replaceAll("+", "-").replaceAll("=", "_").replaceAll("/", "~");
	return `${url}?Expires=${expires}&Signature=${inUrl}&Key-Pair-Id=${signer.keyPairId}`;
}
