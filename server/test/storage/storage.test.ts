import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BlobRef } from "../../src/domain/jobs/job.ts";
import type { BlobStore } from "../../src/domain/ports.ts";
import { createSweeper } from "../../src/domain/storage/sweepStorage.ts";
import { picture } from "../../src/domain/workflows/picture.ts";
import { newId } from "../../src/newId.ts";
import { createAnnouncedBlobs } from "../../src/store/blobs/announcedBlobs.ts";
import { createFsBlobs } from "../../src/store/blobs/fsBlobs.ts";
import { createS3Blobs } from "../../src/store/blobs/s3Blobs.ts";
import { sql } from "../../src/store/sql.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { drawOnly, setUpBench, type Workbench, workOff } from "../support/workbench.ts";
import { newBucket, s3Endpoint } from "./support/s3.ts";

const log = { info() {}, warn() {}, error() {} };
const refTo = (sha256: string, bytes: number): BlobRef => ({ sha256, mediaType: "image/png", widthPx: 8, heightPx: 8, bytes });

for (const { name, present, open } of storeKinds)
	describe.skipIf(!present)(`stored pictures in the ${name} database`, { timeout: 120_000 }, () => {
		let stores: TestStores;
		let bench: Workbench;
		let folder: string;
		let kept: BlobStore;
		let blobs: BlobStore;
		/** `youngMs` 0: everything that is stored and not announced is old. */
		const sweeper = (youngMs = 0, of = kept) =>
			createSweeper({ index: stores.blobIndex, pictures: stores.stored, blobs: of, log }, youngMs);
		const put = async (text: string, tenantId = bench.tenantId): Promise<BlobRef> => {
			const bytes = Buffer.from(text);
			return refTo((await blobs.put(tenantId, bytes)).sha256, bytes.byteLength);
		};
		const isStored = (ref: BlobRef, tenantId = bench.tenantId) =>
			kept.get(tenantId, ref.sha256).then(
				() => true,
				() => false,
			);
		const refs = async ({ sha256 }: BlobRef): Promise<number> => {
			const [row] = await stores.database.query<{ refs: number }>(
				sql`select refs from blobs where tenant_id = ${bench.tenantId} and sha256 = ${sha256}`,
			);
			return row?.refs ?? 0;
		};
		/** A job that made this picture, by a worker that handed it in. */
		const make = async (ref: BlobRef, change: { request?: object } = {}) => {
			const draft = bench.draft({ steps: drawOnly });
			const job = await stores.jobs.submit({ ...draft, request: { ...draft.request, ...change.request } });
			if (!job) throw new Error("not accepted");
			const claimed = await bench.claimOne();
			await stores.assets.recordUpload(claimed.lease, "image", ref);
			await stores.jobs.finish(claimed.lease, { kind: "succeeded", outputs: await stores.assets.uploads(claimed.lease), data: {}, ms: 1 });
			return job;
		};
		/** As if its time were up. */
		const age = (jobId: string) => stores.database.query(sql`update jobs set expires_at = now() - interval '1 second' where id = ${jobId}`);

		beforeAll(async () => {
			stores = await open([picture]);
			bench = await setUpBench(stores);
			folder = await mkdtemp(path.join(os.tmpdir(), "glassworks-storage-"));
			kept = createFsBlobs(folder);
			blobs = createAnnouncedBlobs(kept, stores.blobIndex, 3_600_000);
		}, 300_000);
		afterAll(async () => {
			await stores?.close();
			await rm(folder, { recursive: true, force: true });
		}, 120_000);

		test("a picture is counted by what refers to it, from the upload to the end", async () => {
			const ref = await put("counted");
			expect(await refs(ref)).toBe(0);
			const job = await make(ref);
			expect(await refs(ref)).toBe(1);
			const asset = await stores.assets.create({ id: newId("asset"), tenantId: bench.tenantId, picture: ref });
			const user = await make(await put("made of it"), { request: { image: ref } });
			expect(await refs(ref)).toBe(3);
			await stores.stored.deleteAsset(bench.tenantId, asset.id);
			await stores.stored.deleteImage(bench.tenantId, job.id, 0);
			expect(await refs(ref)).toBe(1);
			await sweeper().runWhole();
			expect(await isStored(ref)).toBe(true);
			await stores.stored.deleteJob(bench.tenantId, user.id);
			expect(await refs(ref)).toBe(0);
			await sweeper().runWhole();
			expect(await isStored(ref)).toBe(false);
		});

		test("deleting removes the bytes at once, and keeps those that another picture shares", async () => {
			const [own, shared] = [await put("own"), await put("shared")];
			const [first, second] = [await make(own), await make(shared)];
			const third = await make(shared);
			const remove = async (jobId: string) => {
				const { blobs: names } = await stores.stored.deleteImage(bench.tenantId, jobId, 0);
				await sweeper().remove(names);
				return stores.blobIndex.remaining(names);
			};
			expect(await remove(first.id)).toEqual({ referenced: 0, left: 0 });
			expect(await isStored(own)).toBe(false);
			expect(await remove(second.id)).toEqual({ referenced: 1, left: 0 });
			expect(await isStored(shared)).toBe(true);
			expect(await remove(third.id)).toEqual({ referenced: 0, left: 0 });
			expect(await isStored(shared)).toBe(false);
		});

		test("a small version is counted, is only its own account's, and goes with the picture", async () => {
			const [ref, small, late] = [await put("large"), await put("small"), await put("too late")];
			const job = await make(ref);
			const asset = await stores.assets.create({ id: newId("asset"), tenantId: bench.tenantId, picture: ref });
			const [image, upload] = [{ jobId: job.id, n: 0 }, { assetId: asset.id }];
			for (const of of [image, upload]) {
				expect(await stores.thumbnails.find(bench.tenantId, of)).toBeNull();
				expect(await stores.thumbnails.keep("another", of, small)).toBe(false);
				expect(await stores.thumbnails.keep(bench.tenantId, of, small)).toBe(true);
				expect(await stores.thumbnails.keep(bench.tenantId, of, small)).toBe(true);
				expect(await stores.thumbnails.find(bench.tenantId, of)).toEqual(small);
				expect(await stores.thumbnails.find("another", of)).toBeNull();
			}
			expect(await refs(small)).toBe(2);
			await sweeper().remove((await stores.stored.deleteAsset(bench.tenantId, asset.id)).blobs);
			expect([await refs(small), await isStored(small)]).toEqual([1, true]);
			await age(job.id);
			await stores.stored.expire(10);
			await sweeper().runWhole();
			expect([await refs(small), await isStored(small), await isStored(ref)]).toEqual([0, false, false]);
			for (const of of [image, upload]) {
				expect(await stores.thumbnails.find(bench.tenantId, of)).toBeNull();
				expect(await stores.thumbnails.keep(bench.tenantId, of, late)).toBe(false);
			}
			await sweeper().runWhole();
			expect([await refs(late), await isStored(late)]).toEqual([0, false]);
		});

		test("a process killed between storing and referring leaves nothing for good; what is young is spared", async () => {
			const orphan = await put("orphan");
			const unknown = Buffer.from("stored by an old release");
			const { sha256 } = await kept.put(bench.tenantId, unknown);
			await sweeper(3_600_000).runWhole();
			expect(await isStored(orphan)).toBe(true);
			expect(await isStored(refTo(sha256, 1))).toBe(true);
			await stores.database.query(sql`update blobs set kept_until = now() - interval '1 second' where sha256 = ${orphan.sha256}`);
			expect(await sweeper().runWhole()).toMatchObject({ found: 1, removed: 2 });
			expect(await isStored(orphan)).toBe(false);
			expect(await isStored(refTo(sha256, 1))).toBe(false);
		});

		test("what was removed cannot be referred to, until it is stored again", async () => {
			const ref = await put("removed");
			await stores.database.query(sql`update blobs set kept_until = now() - interval '1 second' where sha256 = ${ref.sha256}`);
			await sweeper().runWhole();
			const asset = () => stores.assets.create({ id: newId("asset"), tenantId: bench.tenantId, picture: ref });
			await expect(asset()).rejects.toMatchObject({ code: "unavailable" });
			await expect(stores.jobs.submit({ ...bench.draft(), request: { image: ref as never } })).rejects.toMatchObject({
				code: "picture_deleted",
			});
			await put("removed");
			await asset();
			await sweeper().runWhole();
			expect(await isStored(ref)).toBe(true);
		});

		test("storing waits while the same is being removed, and wins afterwards", async () => {
			const ref = await put("contended");
			await stores.database.query(sql`update blobs set kept_until = now() - interval '1 second' where sha256 = ${ref.sha256}`);
			let removed = () => {};
			const removing = new Promise<void>((resolve) => {
				removed = resolve;
			});
			let begun = () => {};
			const beginning = new Promise<void>((resolve) => {
				begun = resolve;
			});
			const slow = {
				...kept,
				async delete(tenantId: string, sha256: string) {
					begun();
					await removing;
					await kept.delete(tenantId, sha256);
				},
			};
			const sweeping = sweeper(0, slow).remove([{ tenantId: bench.tenantId, sha256: ref.sha256 }]);
			await beginning;
			let isPut = false;
			const putting = put("contended").then(() => {
				isPut = true;
			});
			await stores.blobIndex.usage();
			expect(isPut).toBe(false);
			removed();
			await Promise.all([sweeping, putting]);
			await stores.assets.create({ id: newId("asset"), tenantId: bench.tenantId, picture: ref });
			expect(await isStored(ref)).toBe(true);
		});

		test("whoever was slow to refer to what was removed meanwhile is refused, also while somebody else begins to store the same", async () => {
			const text = "slow to refer";
			const { sha256 } = await createAnnouncedBlobs(kept, stores.blobIndex, 1).put(bench.tenantId, Buffer.from(text));
			const ref = refTo(sha256, text.length);
			const refer = () => stores.assets.create({ id: newId("asset"), tenantId: bench.tenantId, picture: ref });
			await stores.database.query(sql`update blobs set kept_until = now() - interval '1 second' where sha256 = ${sha256}`);
			await sweeper().remove([{ tenantId: bench.tenantId, sha256 }]);
			expect(await isStored(ref)).toBe(false);
			const announced = await stores.blobIndex.announce({ tenantId: bench.tenantId, sha256, bytes: text.length }, 60_000);
			await expect(refer()).rejects.toMatchObject({ code: "unavailable" });
			await kept.put(bench.tenantId, Buffer.from(text));
			expect(await stores.blobIndex.stored({ tenantId: bench.tenantId, sha256 }, announced?.removal ?? "")).toBe(true);
			await refer();
			expect(await isStored(ref)).toBe(true);
		});

		test("eight writers of the same few pictures and two sweepers at once lose nothing that is referred to", async () => {
			const names = ["a", "b", "c"].map((letter) => `fought over ${letter}`);
			let writing = true;
			const impatient = createAnnouncedBlobs(kept, stores.blobIndex, 1);
			const store = async (text: string): Promise<string> => {
				// What a worker does: stores and refers, again when the same was removed in between.
				for (;;) {
					const { sha256 } = await impatient.put(bench.tenantId, Buffer.from(text));
					const id = newId("asset");
					const picture = refTo(sha256, text.length);
					const isKept = await stores.assets.create({ id, tenantId: bench.tenantId, picture }).then(
						() => true,
						(error: { code: string }) => {
							expect(error.code).toBe("unavailable");
							return false;
						},
					);
					if (isKept) return id;
				}
			};
			const write = async (at: number) => {
				for (let round = 0; round < 6; round++) {
					const text = names[(at + round) % names.length] ?? "";
					const id = await store(text);
					const { picture: ref } = await stores.assets.get(bench.tenantId, id);
					expect(Buffer.from(await kept.get(bench.tenantId, ref.sha256)).toString()).toBe(text);
					if (round < 5) await stores.stored.deleteAsset(bench.tenantId, id);
				}
			};
			const sweep = async () => {
				while (writing) await sweeper(-1_000).run();
			};
			const sweeping = [sweep(), sweep()];
			await Promise.all(Array.from({ length: 8 }, (_, at) => write(at))).finally(() => {
				writing = false;
			});
			await Promise.all(sweeping);
			await stores.database.query(sql`update blobs set removing_until = null where removing_until < now()`);
			await sweeper(-1_000).runWhole();
			for (const text of names) {
				const { sha256 } = refTo((await import("../../src/store/blobs/blobName.ts")).sha256Of(Buffer.from(text)), 1);
				const wanted = await stores.database.query(sql`select 1 as one from assets where picture->>'sha256' = ${sha256}`);
				expect(await isStored(refTo(sha256, 1)), text).toBe(wanted.length > 0);
			}
		});

		test("pictures whose time is up are deleted, the job stays with its recipe, and the bytes go", async () => {
			const [ref, input] = [await put("expiring"), await put("its input")];
			const job = await make(ref, { request: { image: input, deleteAfterS: 60 } });
			const before = await stores.jobs.get(bench.tenantId, job.id);
			expect(before.deleteAfterS).toBe(60);
			expect(before.expiresAt?.getTime()).toBe((before.finishedAt?.getTime() ?? 0) + 60_000);
			await age(job.id);
			expect(await sweeper().runWhole()).toMatchObject({ expired: 1, removed: 2 });
			const after = await stores.jobs.get(bench.tenantId, job.id);
			expect(after.runs[0]).toMatchObject({ deletedAt: expect.any(Date), deletedFor: "retention" });
			expect(after.runs[0]?.tasks[0]?.outputs).toEqual({});
			expect(after.request.image).toMatchObject({ sha256: input.sha256 });
			expect([await isStored(ref), await isStored(input)]).toEqual([false, false]);
			expect(await sweeper().runWhole()).toMatchObject({ expired: 0, removed: 0 });
		});

		test("nothing that is still being made can be deleted, and nothing of another tenant", async () => {
			const ref = await put("private");
			const job = await make(ref);
			const open = await bench.submit({ steps: drawOnly });
			const stranger = await bench.newTenant();
			for (const act of [
				() => stores.stored.deleteJob(stranger, job.id),
				() => stores.stored.deleteImage(stranger, job.id, 0),
				() => stores.stored.deleteImage(bench.tenantId, job.id, 1),
				() => stores.stored.deleteAsset(stranger, "asset_none"),
			])
				await expect(act()).rejects.toMatchObject({ code: "not_found" });
			await expect(stores.stored.deleteJob(bench.tenantId, open.id)).rejects.toMatchObject({ code: "job_not_ended" });
			await expect(stores.stored.deleteImage(bench.tenantId, open.id, 0)).rejects.toMatchObject({ code: "job_not_ended" });
			await stores.jobs.cancel(bench.tenantId, open.id);
			await stores.stored.deleteJob(bench.tenantId, open.id);
			await expect(stores.jobs.get(bench.tenantId, open.id)).rejects.toMatchObject({ code: "job_deleted" });
			await expect(stores.jobs.get(stranger, open.id)).rejects.toMatchObject({ code: "not_found" });
			await expect(stores.jobs.events(bench.tenantId, open.id, 0, 10)).rejects.toMatchObject({ code: "job_deleted" });
			expect((await stores.jobs.list(bench.tenantId, { limit: 100, before: null, status: null })).jobs.map(({ id }) => id)).not.toContain(
				open.id,
			);
			expect(await isStored(ref)).toBe(true);
		});

		test("deleting a job leaves nothing of what was asked, and the books stay right", async () => {
			const ref = await put("forgotten");
			const job = await make(ref, { request: { prompt: "a secret garden" } });
			await stores.stored.deleteJob(bench.tenantId, job.id);
			const [left] = await stores.database.query<{ text: string }>(sql`select (select row_to_json(j)::text from jobs j where id = ${job.id})
				|| (select jsonb_agg(row_to_json(t))::text from tasks t where job_id = ${job.id}) as text`);
			expect(left?.text).not.toMatch(/secret garden/);
			expect(left?.text).not.toContain(ref.sha256);
			expect((await stores.books.verify()).findings.filter(({ jobId }) => jobId === job.id)).toEqual([]);
		});

		test("uploads of attempts that came to nothing are forgotten", async () => {
			const ref = await put("in vain");
			await bench.submit({ steps: drawOnly });
			const claimed = await bench.claimOne();
			await stores.assets.recordUpload(claimed.lease, "image", ref);
			await sweeper().runWhole();
			expect(await refs(ref)).toBe(1);
			await stores.jobs.cancel(bench.tenantId, claimed.jobId);
			await sweeper().runWhole();
			expect([await refs(ref), await isStored(ref)]).toEqual([0, false]);
		});

		test("a storage that is away loses nothing: what could not be removed is removed later", async () => {
			const ref = await put("stubborn");
			const job = await make(ref);
			const { blobs: names } = await stores.stored.deleteImage(bench.tenantId, job.id, 0);
			const away = { ...kept, delete: () => Promise.reject(new Error("away")) };
			await sweeper(0, away).remove(names);
			expect(await stores.blobIndex.remaining(names)).toEqual({ referenced: 0, left: 1 });
			// Nobody touches it until what was asked of the storage can no longer happen.
			expect(await sweeper().runWhole()).toMatchObject({ removed: 0 });
			await stores.database.query(sql`update blobs set removing_until = now() - interval '1 second' where sha256 = ${ref.sha256}`);
			await sweeper().runWhole();
			expect(await isStored(ref)).toBe(false);
		});

		test.skipIf(s3Endpoint === "")("an S3 bucket is swept like a folder", async () => {
			const bucket = createS3Blobs(await newBucket());
			const announced = createAnnouncedBlobs(bucket, stores.blobIndex, 3_600_000);
			const bytes = Buffer.from("in a bucket");
			const wanted = await announced.put(bench.tenantId, bytes);
			await stores.assets.create({ id: newId("asset"), tenantId: bench.tenantId, picture: refTo(wanted.sha256, bytes.byteLength) });
			const orphan = await bucket.put(bench.tenantId, Buffer.from("nobody's"));
			const swept = await sweeper(-60_000, bucket).runWhole();
			expect(swept).toMatchObject({ found: 1, removed: 1 });
			expect(Buffer.from(await bucket.get(bench.tenantId, wanted.sha256))).toEqual(bytes);
			await expect(bucket.get(bench.tenantId, orphan.sha256)).rejects.toMatchObject({ code: "not_found" });
			await bucket.close();
		});

		test("usage is told by account", async () => {
			const tenantId = await bench.newTenant();
			await put("12345", tenantId);
			expect((await stores.blobIndex.usage()).find((entry) => entry.tenantId === tenantId)).toEqual({
				...{ tenantId, blobs: 1, bytes: 5, unreferencedBlobs: 1, unreferencedBytes: 5 },
			});
			expect(await workOff(stores, bench)).toEqual([]);
		});
	});
