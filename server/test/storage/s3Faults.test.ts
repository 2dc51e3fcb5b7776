import { createHash, createVerify, generateKeyPairSync, randomBytes } from "node:crypto";
import { GetObjectCommand, HeadObjectCommand, ListMultipartUploadsCommand, S3Client } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createS3Blobs } from "../../src/store/blobs/s3Blobs.ts";
import type { S3Location } from "../../src/store/blobs/s3Client.ts";
import { newBucket, type S3Proxy, s3Endpoint, startS3Proxy } from "./support/s3.ts";

const sha256Of = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const small = Buffer.from("a small picture");
const large = randomBytes(17 * 1_048_576);
const picture = { mediaType: "image/png", fileName: "glassworks-job_1-0.png", ttlMs: 60_000 } as const;

describe.skipIf(s3Endpoint === "")("an S3 store that has troubles", () => {
	let proxy: S3Proxy;
	let location: Awaited<ReturnType<typeof newBucket>>;
	const closers: (() => Promise<void>)[] = [];
	const open = (change: Partial<S3Location> = {}) => {
		const blobs = createS3Blobs({ ...location, endpoint: proxy.url, ...change });
		closers.push(() => blobs.close());
		return blobs;
	};
	const direct = () => {
		const client = new S3Client({ ...location, credentials: { ...location.credentials } });
		closers.push(async () => client.destroy());
		return client;
	};
	/** The first `times` requests that match meet the fault. */
	const befall = (method: string, fault: ReturnType<S3Proxy["fault"]>, times: number, path = /./) => {
		let left = times;
		proxy.fault = (request) => (request.method === method && path.test(request.path) && left-- > 0 ? fault : null);
	};

	beforeEach(async () => {
		proxy = await startS3Proxy();
		location = await newBucket();
		closers.push(() => proxy.close());
	});
	afterEach(async () => {
		for (const close of closers.splice(0).toReversed()) await close();
	});

	for (const [name, fault] of [
		["breaks the connection in the middle of a picture", "cut"],
		["loses its answer", "lost"],
		["says 500", { status: 500, code: "InternalError" }],
		["says slow down", { status: 503, code: "SlowDown" }],
		["is slow", { delayMs: 700 }],
	] as const)
		test(`keeps a picture whole though it ${name}`, async () => {
			const blobs = open();
			befall("PUT", fault, 2);
			for (const bytes of [small, large]) {
				const { sha256 } = await blobs.put("t", bytes);
				expect(sha256Of(await blobs.get("t", sha256))).toBe(sha256Of(bytes));
			}
		});

	test("has nothing of a picture whose connection broke every time, and says unavailable", async () => {
		const blobs = open();
		for (const bytes of [small, large]) {
			befall("PUT", "cut", 1_000);
			await expect(blobs.put("t", bytes)).rejects.toMatchObject({ code: "unavailable" });
			proxy.fault = () => null;
			await expect(blobs.get("t", sha256Of(bytes))).rejects.toMatchObject({ code: "not_found" });
		}
		const { Uploads = [] } = await direct().send(new ListMultipartUploadsCommand({ Bucket: location.bucket }));
		expect(Uploads).toEqual([]);
	});

	test("is unavailable when its bucket is missing or it refuses the key, and the error tells no secret", async () => {
		const missing = open({ bucket: `missing-${crypto.randomUUID()}` });
		const refused = open();
		proxy.fault = ({ path }) => (path.includes("missing-") ? null : { status: 403, code: "SignatureDoesNotMatch" });
		for (const blobs of [missing, refused])
			for (const act of [() => blobs.put("t", small), () => blobs.get("t", sha256Of(small)), () => blobs.check()]) {
				const error: unknown = await act().catch((reason: unknown) => reason);
				expect(error).toMatchObject({ code: "unavailable" });
				expect(JSON.stringify(error) + String(error)).not.toContain("secret-word");
			}
	});

	test("tells a probe whether it can be used", async () => {
		await open().check();
		befall("HEAD", { status: 503, code: "SlowDown" }, 1_000);
		await expect(open().check()).rejects.toMatchObject({ code: "unavailable" });
	});

	test("is not sent what it has: the same content goes up once, large or small", async () => {
		const blobs = open();
		for (const bytes of [small, large]) {
			await blobs.put("t", bytes);
			const before = proxy.asked.length;
			await blobs.put("t", bytes);
			const again = proxy.asked.slice(before);
			expect(again.length, again.join(", ")).toBe(1);
		}
	});

	test("that knows no conditions is written to without", async () => {
		const blobs = open();
		befall("PUT", { status: 501, code: "NotImplemented" }, 1);
		const { sha256 } = await blobs.put("t", small);
		expect(sha256Of(await blobs.get("t", sha256))).toBe(sha256);
	});

	test("reads a picture again whose connection broke", async () => {
		const blobs = open();
		const { sha256 } = await blobs.put("t", small);
		befall("GET", "cut", 6);
		expect(sha256Of(await blobs.get("t", sha256))).toBe(sha256);
	});

	test("keeps what kind of picture it is, and encrypts as the operator says", async () => {
		const blobs = open({ encryption: { method: "AES256", kmsKeyId: null } });
		const png = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), randomBytes(100)]);
		const { sha256 } = await blobs.put("t", png);
		const head = await direct().send(new HeadObjectCommand({ Bucket: location.bucket, Key: `t/${sha256}` }));
		expect(head).toMatchObject({ ContentType: "image/png", ServerSideEncryption: "AES256" });
	});

	test("gives an address of its own that says what it is, for a time; none unless it is asked to", async () => {
		const { sha256 } = await open().put("t", small);
		expect(await open().link("t", sha256, picture)).toBeNull();
		const link = (await open({ links: { kind: "presign" } }).link("t", sha256, picture)) ?? "";
		expect(new URL(link).searchParams.get("X-Amz-Expires")).toBe("60");
		const response = await fetch(link);
		expect(Buffer.from(await response.arrayBuffer())).toEqual(small);
		expect(response.headers.get("content-type")).toBe("image/png");
		expect(response.headers.get("content-disposition")).toContain("glassworks-job_1-0.png");
		const { Body } = await direct().send(new GetObjectCommand({ Bucket: location.bucket, Key: `t/${sha256}` }));
		expect(Buffer.from((await Body?.transformToByteArray()) ?? [])).toEqual(small);
	});
});

test("an address at a CDN is signed as CloudFront reads it, or plain when the operator has no key there", async () => {
	const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
	const pem = String(privateKey.export({ type: "pkcs8", format: "pem" }));
	const baseUrl = "https://d111.cloudfront.net/pictures";
	const common = { bucket: "b-1", endpoint: null, region: "us-east-1", credentials: null, forcePathStyle: false };
	const signed = createS3Blobs({ ...common, links: { kind: "cdn", baseUrl, signer: { keyPairId: "K1", privateKey: pem } } });
	const plain = createS3Blobs({ ...common, links: { kind: "cdn", baseUrl, signer: null } });
	const sha256 = sha256Of(small);
	expect(await plain.link("t", sha256, picture)).toBe(`${baseUrl}/t/${sha256}`);
	const link = new URL((await signed.link("t", sha256, picture)) ?? "");
	const expires = Number(link.searchParams.get("Expires"));
	expect(Math.abs(expires - Date.now() / 1_000 - 60)).toBeLessThan(30);
	expect(link.searchParams.get("Key-Pair-Id")).toBe("K1");
	const statement = { Resource: `${baseUrl}/t/${sha256}`, Condition: { DateLessThan: { "AWS:EpochTime": expires } } };
	const signature = (link.searchParams.get("Signature") ?? "").replaceAll("-", "+").replaceAll("_", "=").replaceAll("~", "/");
	const verify = createVerify("RSA-SHA1").update(JSON.stringify({ Statement: [statement] }));
	expect(verify.verify(publicKey, signature, "base64")).toBe(true);
	for (const blobs of [signed, plain]) await blobs.close();
});
