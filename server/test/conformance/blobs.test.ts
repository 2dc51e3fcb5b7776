import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { BlobStore } from "../../src/domain/ports.ts";
import { createFsBlobs } from "../../src/store/blobs/fsBlobs.ts";
import { createS3Blobs } from "../../src/store/blobs/s3Blobs.ts";
import { newBucket, s3Endpoint } from "../storage/support/s3.ts";

const fsBlobsFile = path.resolve(import.meta.dirname, "../../src/store/blobs/fsBlobs.ts");

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0)) await cleanup();
});

function newFolder(): string {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), "glassworks-blobs-"));
	cleanups.push(() => fs.rmSync(folder, { recursive: true }));
	return folder;
}

async function openS3(): Promise<BlobStore> {
	const blobs = createS3Blobs(await newBucket());
	cleanups.push(() => blobs.close());
	return blobs;
}

const sha256Of = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const absent = sha256Of(Buffer.from("never stored"));
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of stream) chunks.push(chunk);
	return Buffer.concat(chunks);
}

async function listed(blobs: BlobStore) {
	const found: { tenantId: string; sha256: string; modifiedAt: Date }[] = [];
	for await (const entry of blobs.list()) found.push(entry);
	return found;
}

const implementations = [
	{ name: "file", present: true, open: async () => createFsBlobs(path.join(newFolder(), "not", "there", "yet")) },
	{ name: "s3", present: s3Endpoint !== "", open: openS3 },
];

for (const { name, present, open } of implementations) {
	describe.skipIf(!present)(`the ${name} blob store`, () => {
		test("gives back what was put, of any size, under its SHA-256", async () => {
			const blobs = await open();
			for (const bytes of [new Uint8Array(), Buffer.from("glass"), Buffer.alloc(3_000_001, 7)]) {
				const { sha256 } = await blobs.put("tenant_1", bytes);
				expect(sha256).toBe(sha256Of(bytes));
				expect(Buffer.compare(await blobs.get("tenant_1", sha256), bytes)).toBe(0);
				expect(Buffer.compare(await collect(await blobs.stream("tenant_1", sha256)), bytes)).toBe(0);
			}
		});

		test("streams a range with both ends, and clips one that goes beyond the end", async () => {
			const blobs = await open();
			const { sha256 } = await blobs.put("t", Buffer.from("0123456789"));
			const part = async (start: number, end: number) => text(await collect(await blobs.stream("t", sha256, { start, end })));
			expect(await part(0, 0)).toBe("0");
			expect(await part(2, 5)).toBe("2345");
			expect(await part(9, 9)).toBe("9");
			expect(await part(8, 99)).toBe("89");
		});

		test("refuses a range that lies outside before it streams anything", async () => {
			const blobs = await open();
			const { sha256 } = await blobs.put("t", Buffer.from("0123456789"));
			for (const [start, end] of [
				[10, 12],
				[5, 4],
				[-1, 3],
				[0.5, 3],
				[0, Number.NaN],
			] as const)
				await expect(blobs.stream("t", sha256, { start, end })).rejects.toMatchObject({ code: "range_not_satisfiable" });
		});

		test("says not_found for a blob that is missing, deleted or another tenant's, before it streams anything", async () => {
			const blobs = await open();
			const { sha256 } = await blobs.put("mine", Buffer.from("private"));
			const { sha256: deleted } = await blobs.put("mine", Buffer.from("deleted"));
			await blobs.delete("mine", deleted);
			await blobs.delete("mine", deleted);
			for (const [tenantId, digest] of [
				["mine", absent],
				["mine", deleted],
				["yours", sha256],
			] as const) {
				await expect(blobs.get(tenantId, digest)).rejects.toMatchObject({ code: "not_found" });
				await expect(blobs.stream(tenantId, digest)).rejects.toMatchObject({ code: "not_found" });
				await expect(blobs.stream(tenantId, digest, { start: 0, end: 1 })).rejects.toMatchObject({ code: "not_found" });
			}
			expect(text(await blobs.get("mine", sha256))).toBe("private");
		});

		test("lets no name lead out of the tenant's own place", async () => {
			const blobs = await open();
			const { sha256 } = await blobs.put("mine", Buffer.from("private"));
			for (const tenantId of ["", ".", "..", "mine/../mine", "/etc", "a b", "mine\n", "mine\0", "é", "a".repeat(101)]) {
				await expect(blobs.put(tenantId, Buffer.from("x"))).rejects.toMatchObject({ code: "invalid_request" });
				await expect(blobs.get(tenantId, sha256)).rejects.toMatchObject({ code: "not_found" });
				await expect(blobs.stream(tenantId, sha256)).rejects.toMatchObject({ code: "not_found" });
				await expect(blobs.delete(tenantId, sha256)).rejects.toMatchObject({ code: "not_found" });
			}
			for (const digest of ["", "..", "../../etc/passwd", sha256.toUpperCase(), `${sha256}\n`, `${sha256}/`, `../mine/${sha256}`]) {
				await expect(blobs.get("mine", digest)).rejects.toMatchObject({ code: "not_found" });
				await expect(blobs.delete("mine", digest)).rejects.toMatchObject({ code: "not_found" });
			}
			expect(text(await blobs.get("mine", sha256))).toBe("private");
		});

		test("takes the same bytes many times at once and keeps one", async () => {
			const blobs = await open();
			const bytes = Buffer.alloc(100_000, 3);
			await Promise.all(Array.from({ length: 20 }, () => blobs.put("t", bytes)));
			expect(await listed(blobs)).toHaveLength(1);
			expect(Buffer.compare(await blobs.get("t", sha256Of(bytes)), bytes)).toBe(0);
		});

		test("lists every blob of every tenant with its age", async () => {
			const blobs = await open();
			expect(await listed(blobs)).toEqual([]);
			const before = Date.now();
			const put = await Promise.all(
				["a", "b", "a"].map(async (tenantId, i) => ({ tenantId, ...(await blobs.put(tenantId, Buffer.from([i]))) })),
			);
			const found = await listed(blobs);
			const names = (list: { tenantId: string; sha256: string }[]) => list.map((each) => `${each.tenantId}/${each.sha256}`).sort();
			expect(names(found)).toEqual(names(put));
			for (const { modifiedAt } of found) expect(Math.abs(modifiedAt.getTime() - before)).toBeLessThan(600_000);
		});

		test("says that it can be used", async () => {
			await (await open()).check();
		});

		test("can be put again after it was deleted, and a stream that was left early harms nothing", async () => {
			const blobs = await open();
			const bytes = Buffer.alloc(2_000_000, 5);
			const { sha256 } = await blobs.put("t", bytes);
			for await (const chunk of await blobs.stream("t", sha256)) {
				expect(chunk.byteLength).toBeGreaterThan(0);
				break;
			}
			await blobs.delete("t", sha256);
			await blobs.put("t", bytes);
			expect((await collect(await blobs.stream("t", sha256))).byteLength).toBe(bytes.byteLength);
		});
	});
}

describe("the file blob store", () => {
	test("renews the age of what is put again, so that a sweep spares it", async () => {
		const dir = newFolder();
		const blobs = createFsBlobs(dir);
		const { sha256 } = await blobs.put("t", Buffer.from("old"));
		const longAgo = new Date("2001-01-01");
		fs.utimesSync(path.join(dir, "t", sha256.slice(0, 2), sha256), longAgo, longAgo);
		expect((await listed(blobs))[0]?.modifiedAt).toEqual(longAgo);
		await blobs.put("t", Buffer.from("old"));
		expect((await listed(blobs))[0]?.modifiedAt.getFullYear()).toBeGreaterThan(2001);
	});

	test("lists no strangers in its folder, and removes unfinished files only when they are old", async () => {
		const dir = newFolder();
		const blobs = createFsBlobs(dir);
		const { sha256 } = await blobs.put("t", Buffer.from("x"));
		const shard = path.join(dir, "t", sha256.slice(0, 2));
		for (const name of ["old.unfinished", "new.unfinished", "notes.txt"]) fs.writeFileSync(path.join(shard, name), "x");
		for (const name of ["file", ".hidden"]) fs.writeFileSync(path.join(dir, name), "x");
		fs.utimesSync(path.join(shard, "old.unfinished"), new Date("2001-01-01"), new Date("2001-01-01"));
		expect((await listed(blobs)).map((each) => each.sha256)).toEqual([sha256]);
		expect(fs.readdirSync(shard).sort()).toEqual([sha256, "new.unfinished", "notes.txt"].sort());
	});

	test("can be read by nobody but its user", async () => {
		const dir = path.join(newFolder(), "blobs");
		const { sha256 } = await createFsBlobs(dir).put("t", Buffer.from("x"));
		expect(fs.statSync(path.join(dir, "t")).mode & 0o77).toBe(0);
		expect(fs.statSync(path.join(dir, "t", sha256.slice(0, 2), sha256)).mode & 0o77).toBe(0);
	});

	test.skipIf(process.platform !== "linux")("closes the file of a client that hangs up before the first byte", async () => {
		const dir = newFolder();
		const blobs = createFsBlobs(dir);
		const { sha256 } = await blobs.put("t", Buffer.alloc(1_000_000));
		const openFiles = () =>
			fs.readdirSync("/proc/self/fd").filter((fd) => {
				try {
					return fs.readlinkSync(`/proc/self/fd/${fd}`).endsWith(sha256);
				} catch {
					return false;
				}
			}).length;
		const stream = Readable.from(await blobs.stream("t", sha256));
		expect(openFiles()).toBe(1);
		stream.destroy();
		await vi.waitFor(() => expect(openFiles()).toBe(0));
	});

	test("holds only whole blobs after its process was killed while writing", async () => {
		const dir = newFolder();
		const script = `
			import { createFsBlobs } from ${JSON.stringify(fsBlobsFile)};
			const blobs = createFsBlobs(process.argv[1]);
			for (let i = 0; ; i++) {
				const { sha256 } = await blobs.put("t", Buffer.alloc(1_500_000, String(i)));
				process.stdout.write(sha256 + "\\n");
			}`;
		const child = spawn(process.execPath, ["--input-type=module", "-e", script, dir], { stdio: ["ignore", "pipe", "inherit"] });
		let said = "";
		child.stdout.on("data", (chunk) => {
			said += String(chunk);
		});
		await vi.waitFor(() => expect(said.split("\n").length).toBeGreaterThan(10), { timeout: 20_000 });
		child.kill("SIGKILL");
		await new Promise((resolve) => child.on("close", resolve));
		const blobs = createFsBlobs(dir);
		const found = await listed(blobs);
		const promised = said.slice(0, said.lastIndexOf("\n")).split("\n");
		expect(found.map((each) => each.sha256)).toEqual(expect.arrayContaining(promised));
		for (const { sha256 } of found) expect(sha256Of(await blobs.get("t", sha256))).toBe(sha256);
	});

	test("says so when its folder cannot be used", async () => {
		const file = path.join(newFolder(), "a file");
		fs.writeFileSync(file, "x");
		await expect(createFsBlobs(path.join(file, "blobs")).check()).rejects.toMatchObject({ code: "unavailable" });
	});

	const ownMounts = ["-rm", "sh", "-c"];
	const canMount = spawnSync("unshare", [...ownMounts, `mount -t tmpfs none ${os.tmpdir()}`]).status === 0;
	test.skipIf(!canMount)("says so when the disk is full, leaves nothing behind and keeps what it has", () => {
		const script = `
			import fs from "node:fs";
			import { createFsBlobs } from ${JSON.stringify(fsBlobsFile)};
			const blobs = createFsBlobs(process.argv[1]);
			const { sha256 } = await blobs.put("t", Buffer.alloc(100_000, 1));
			const error = await blobs.put("t", Buffer.alloc(1_000_000, 2)).catch((error) => error);
			const files = fs.readdirSync(process.argv[1], { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
			const kept = (await blobs.get("t", sha256)).byteLength;
			console.log(JSON.stringify({ code: error.code, message: error.message, files: files.length, kept }));`;
		const { stdout, stderr } = spawnSync(
			"unshare",
			[
				...ownMounts,
				'mount -t tmpfs -o size=512k none "$1" && exec "$2" --input-type=module -e "$3" "$1"',
				"sh",
				newFolder(),
				process.execPath,
				script,
			],
			{ encoding: "utf8" },
		);
		expect(stderr).toBe("");
		expect(JSON.parse(stdout)).toEqual({ code: "unavailable", message: expect.stringContaining("full"), files: 1, kept: 100_000 });
	});
});

test("an S3 store that is away is called unavailable, without its keys", async () => {
	const credentials = { accessKeyId: "key-name", secretAccessKey: "secret-word" };
	const blobs = createS3Blobs({ bucket: "b-1", endpoint: "http://127.0.0.1:1", region: "us-east-1", credentials, forcePathStyle: true });
	const error: unknown = await blobs.put("t", Buffer.from("x")).catch((reason: unknown) => reason);
	expect(error).toMatchObject({ code: "unavailable" });
	expect(JSON.stringify(error) + String(error)).not.toMatch(/key-name|secret-word/);
	await blobs.close();
});
