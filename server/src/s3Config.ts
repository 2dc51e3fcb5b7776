import fs from "node:fs";
import { z } from "zod";

/** An address that keys are appended to. */
const baseUrl = z
	.string()
	.refine(
		(value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
		"must be an address that starts with https:// or http://",
	)
	.refine((value) => !URL.canParse(value) || (new URL(value).search === "" && new URL(value).hash === ""), "must have neither ? nor #")
	.transform((value) => value.replace(/\/+$/, ""));
const endpoint = z
	.string()
	.refine(
		(value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
		"must be an address that starts with http:// or https://",
	);
const flag = z.enum(["true", "false", "1", "0"], "must be true or false").transform((value) => value === "true" || value === "1");

/** Environment variables about the bucket of pictures. */
export const s3Variables = {
	S3_BUCKET: z.string().min(3).optional().describe("Bucket for pictures instead of the data folder."),
	S3_ENDPOINT: endpoint.optional().describe("Address of an S3-compatible store. Left out: Amazon's."),
	S3_REGION: z.string().default("us-east-1").describe("Region of the bucket."),
	S3_ACCESS_KEY_ID: z.string().min(1).optional().describe("Left out: the machine's own role. Secret."),
	S3_SECRET_ACCESS_KEY: z.string().min(1).optional().describe("Goes with S3_ACCESS_KEY_ID. Secret."),
	S3_FORCE_PATH_STYLE: flag.prefault("false").describe("true: the bucket is in the path and not in the host name, as MinIO wants it."),
	S3_ENCRYPTION: z
		.enum(["AES256", "aws:kms"], "must be AES256 or aws:kms")
		.optional()
		.describe("How the store encrypts pictures: AES256 or aws:kms. Left out: as the bucket says."),
	S3_KMS_KEY_ID: z.string().min(1).optional().describe("Key for S3_ENCRYPTION=aws:kms. Left out: the account's own."),
	S3_PRESIGN: flag
		.prefault("false")
		.describe("true: links to pictures lead to the bucket, each for five minutes, instead of through this server."),
	S3_CDN_URL: baseUrl.optional().describe("Links to pictures lead here: a CDN before the bucket. Instead of S3_PRESIGN."),
	S3_CDN_KEY_PAIR_ID: z
		.string()
		.min(1)
		.optional()
		.describe("CloudFront's id of the key that signs these addresses. Left out: they are not signed and work for whoever has one."),
	S3_CDN_PRIVATE_KEY_FILE: z.string().min(1).optional().describe("File with that key, PEM. Goes with S3_CDN_KEY_PAIR_ID."),
};

const variables = z.object(s3Variables);
type Variables = z.infer<typeof variables>;

export interface S3Config {
	bucket: string;
	endpoint: string | null;
	region: string;
	/** Null: the machine's own role. */
	credentials: { accessKeyId: string; secretAccessKey: string } | null;
	forcePathStyle: boolean;
	/** Null: as the bucket says. */
	encryption: { method: "AES256" | "aws:kms"; kmsKeyId: string | null } | null;
	/** Where signed links lead; null: through this server. */
	links: { kind: "presign" } | { kind: "cdn"; baseUrl: string; signer: { keyPairId: string; privateKey: string } | null } | null;
}

/** One line for each variable that does not go with the others. */
export function findS3Conflicts(values: Variables, given: Record<string, unknown>): string[] {
	const lines: string[] = [];
	const names = Object.keys(given).filter((name) => name in s3Variables);
	if (names.length > 0 && !values.S3_BUCKET) lines.push(`S3_BUCKET must be set too, because ${names[0]} is`);
	if (!values.S3_ACCESS_KEY_ID !== !values.S3_SECRET_ACCESS_KEY)
		lines.push("S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be set together");
	if (values.S3_KMS_KEY_ID && values.S3_ENCRYPTION !== "aws:kms") lines.push("S3_ENCRYPTION must be aws:kms, because S3_KMS_KEY_ID is set");
	if (values.S3_CDN_URL && values.S3_PRESIGN) lines.push("S3_PRESIGN must not be set together with S3_CDN_URL");
	if (values.S3_CDN_KEY_PAIR_ID && !values.S3_CDN_URL) lines.push("S3_CDN_URL must be set too, because S3_CDN_KEY_PAIR_ID is");
	if (!values.S3_CDN_KEY_PAIR_ID !== !values.S3_CDN_PRIVATE_KEY_FILE)
		lines.push("S3_CDN_KEY_PAIR_ID and S3_CDN_PRIVATE_KEY_FILE must be set together");
	else if (values.S3_CDN_PRIVATE_KEY_FILE && readKey(values.S3_CDN_PRIVATE_KEY_FILE) === null)
		lines.push("S3_CDN_PRIVATE_KEY_FILE must be a file that can be read, with a private key in PEM");
	return lines;
}

/** Null: pictures lie in the data folder. */
export function toS3(values: Variables): Readonly<S3Config> | null {
	if (!values.S3_BUCKET) return null;
	const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = values;
	return Object.freeze({
		bucket: values.S3_BUCKET,
		endpoint: values.S3_ENDPOINT ?? null,
		region: values.S3_REGION,
		credentials: accessKeyId && secretAccessKey ? Object.freeze({ accessKeyId, secretAccessKey }) : null,
		forcePathStyle: values.S3_FORCE_PATH_STYLE,
		encryption: values.S3_ENCRYPTION ? { method: values.S3_ENCRYPTION, kmsKeyId: values.S3_KMS_KEY_ID ?? null } : null,
		links: toLinks(values),
	});
}

/** Where links to pictures may lead besides this server: pages that show them must allow it. */
export function linkOrigin(s3: S3Config | null): string | null {
	if (!s3?.links) return null;
	if (s3.links.kind === "cdn") return new URL(s3.links.baseUrl).origin;
	const endpoint = new URL(s3.endpoint ?? `https://s3.${s3.region}.amazonaws.com`);
	return s3.forcePathStyle ? endpoint.origin : `${endpoint.protocol}//${s3.bucket}.${endpoint.host}`;
}

function toLinks(values: Variables): S3Config["links"] {
	if (values.S3_PRESIGN) return { kind: "presign" };
	if (!values.S3_CDN_URL) return null;
	const privateKey = values.S3_CDN_PRIVATE_KEY_FILE ? readKey(values.S3_CDN_PRIVATE_KEY_FILE) : null;
	const signer = values.S3_CDN_KEY_PAIR_ID && privateKey ? { keyPairId: values.S3_CDN_KEY_PAIR_ID, privateKey } : null;
	return { kind: "cdn", baseUrl: values.S3_CDN_URL, signer };
}

function readKey(file: string): string | null {
	try {
		const text = fs.readFileSync(file, "utf8");
		return text.includes("PRIVATE KEY") ? text : null;
	} catch {
		return null;
	}
}
