import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JobBody } from "../../src/contract/job.ts";
import { type Call, caller, download, finished, uploadPicture } from "../http/call.ts";
import { newBucket, s3Endpoint } from "../storage/support/s3.ts";
import { readZip } from "../support/readZip.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { adminUrl, createDatabase } from "../support/testStores.ts";

for (const { name, present, s3 } of [
	{ name: "a folder", present: adminUrl !== "", s3: false },
	{ name: "a bucket whose links lead there", present: adminUrl !== "" && s3Endpoint !== "", s3: true },
])
	describe.skipIf(!present)(`pictures in ${name}`, { timeout: 200_000 }, () => {
		let running: TestApp;
		let call: Call;
		let key: string;
		let database: Awaited<ReturnType<typeof createDatabase>>;
		const small = { prompt: "a red apple", seed: 7, width: 64, height: 64, steps: 2, upscale: false, restore_faces: false };
		const generate = async (change: object = {}, ask = call, asKey = key): Promise<JobBody> => {
			const accepted = await ask("POST", "/api/v1/generations", { body: { ...small, ...change } });
			expect(accepted.text).toContain('"id"');
			return (await finished(ask, asKey, accepted.body)) as unknown as JobBody;
		};

		beforeAll(async () => {
			database = await createDatabase();
			const bucket = s3 ? await newBucket() : null;
			running = await startTestApp({
				DATABASE_URL: database.url,
				...(bucket
					? {
							...{ S3_BUCKET: bucket.bucket, S3_ENDPOINT: bucket.endpoint, S3_FORCE_PATH_STYLE: "true", S3_PRESIGN: "true" },
							...{ S3_ACCESS_KEY_ID: bucket.credentials.accessKeyId, S3_SECRET_ACCESS_KEY: bucket.credentials.secretAccessKey },
						}
					: {}),
			});
			key = running.ownerKey;
			call = caller(running.url, key);
		}, 300_000);
		afterAll(async () => {
			await running?.close();
			await database?.drop();
		}, 120_000);

		test("a link shows the picture, and shows nothing once it was deleted", async () => {
			expect((await call("GET", "/readyz")).body).toMatchObject({ status: "ok", checks: { storage: "ok" } });
			const job = await generate({ prompt: "a blue boat", seed: 1 });
			const url = job.images[0]?.url ?? "";
			const first = await fetch(url, { redirect: "manual" });
			expect(first.status).toBe(s3 ? 302 : 200);
			const direct = first.headers.get("location");
			await first.arrayBuffer();
			const shown = await download(url);
			expect(shown.status).toBe(200);
			expect(shown.headers.get("content-type")).toBe("image/png");
			// With a key the bytes come from here: it must not be sent anywhere else.
			expect((await call("GET", `/api/v1/jobs/${job.id}/images/0`)).status).toBe(200);
			const deleted = await call("DELETE", `/api/v1/jobs/${job.id}/images/0`);
			expect(deleted.body).toMatchObject({ id: job.id, n: 0, bytes: "removed" });
			expect((await download(url)).status).toBe(410);
			if (direct) expect([403, 404]).toContain((await fetch(direct)).status);
			const gone = await call("GET", `/api/v1/jobs/${job.id}/images/0`);
			expect(gone.body).toMatchObject({ code: "picture_deleted" });
			const { body: after } = await call("GET", `/api/v1/jobs/${job.id}`);
			expect(after.images[0]).toMatchObject({ url: null, original_url: null, deleted_at: expect.any(String), recipe: { seed: 1 } });
			const reuse = await call("POST", "/api/v1/generations", { body: { ...small, image: { job_id: job.id } } });
			expect(reuse.body).toMatchObject({ code: "picture_deleted" });
			expect((await call("DELETE", `/api/v1/jobs/${job.id}/images/0`)).body).toMatchObject({ bytes: "removed" });
		});

		test("exactly the same request is answered from the first one's result, costs nothing and says so before", async () => {
			const first = await generate();
			const quoted = await call("POST", "/api/v1/quotes", { body: small });
			expect(quoted.body).toMatchObject({ cached: true, cached_from: first.id, total_micro_usd: 0 });
			const again = await generate();
			expect(again).toMatchObject({
				status: "succeeded",
				charged_micro_usd: 0,
				bill: { cached: true, cached_from: first.id, total_micro_usd: 0, final: true },
			});
			const bytesOf = async (job: JobBody) => (await download(job.images[0]?.url ?? "")).bytes;
			expect(await bytesOf(again)).toEqual(await bytesOf(first));
			expect(again.images[0]).toMatchObject({ seed: 7, skipped: first.images[0]?.skipped, recipe: first.images[0]?.recipe });
			for (const change of [
				{ cache: false },
				{ seed: 8 },
				{ prompt: "a red apple " + "pie" },
				{ steps: 3 },
				{ format: "webp" },
				{ seed: undefined },
			])
				expect((await call("POST", "/api/v1/quotes", { body: { ...small, ...change } })).body, JSON.stringify(change)).toMatchObject({
					cached: false,
				});
			// What was deleted is not given again; what was given before stays.
			expect((await call("DELETE", `/api/v1/jobs/${first.id}/images/0`)).body).toMatchObject({ bytes: "shared" });
			expect((await call("POST", "/api/v1/quotes", { body: small })).body).toMatchObject({ cached: false });
			expect((await bytesOf(again)).byteLength).toBeGreaterThan(0);
			expect((await call("DELETE", `/api/v1/jobs/${again.id}`)).body).toMatchObject({ n: null, bytes: "removed" });
			expect((await call("GET", `/api/v1/jobs/${again.id}`)).body).toMatchObject({ code: "job_deleted" });
			expect((await call("POST", "/api/v1/ledger/verify")).text).not.toContain('"found":1');
		});

		test("another account gets neither the result nor the picture, and cannot delete it", async () => {
			const mine = await generate({ seed: 99 });
			const { key: other } = await running.createTenant("free", { creditMicroUsd: 0 });
			const stranger = caller(running.url, other);
			expect((await stranger("POST", "/api/v1/quotes", { body: { ...small, seed: 99 } })).body).toMatchObject({ cached: false });
			for (const path of [`/api/v1/jobs/${mine.id}`, `/api/v1/jobs/${mine.id}/images/0`])
				for (const method of ["GET", "DELETE"]) expect((await stranger(method, path)).status, `${method} ${path}`).toBe(404);
			expect((await stranger("GET", "/api/v1/export.zip")).status).toBe(403);
			expect((await stranger("GET", "/api/v1/storage")).status).toBe(403);
			const own = await generate({ seed: 99 }, stranger, other);
			expect(own.bill.cached).toBe(false);
			const days = (Date.parse(own.images[0]?.expires_at ?? "") - Date.parse(own.finished_at ?? "")) / 86_400_000;
			expect(days).toBe(7);
			const over = await stranger("POST", "/api/v1/generations", { body: { ...small, delete_after_s: 8 * 86_400 } });
			expect(over.body).toMatchObject({ code: "retention_over_plan", max: 7 * 86_400, plans: expect.arrayContaining(["starter", "pro"]) });
			expect((await call("GET", `/api/v1/jobs/${mine.id}/images/0`)).status).toBe(200);
		});

		test("an upload is deleted, and jobs that were given it keep their copy", async () => {
			const { body: job } = await call("GET", "/api/v1/jobs?limit=1");
			const source = await generate({ seed: 3, prompt: "a green leaf" });
			expect(job).toBeDefined();
			const asset = await uploadPicture(call, (await download(source.images[0]?.url ?? "")).bytes);
			expect((await call("DELETE", `/api/v1/assets/${asset.asset_id}`)).status).toBe(200);
			expect((await call("GET", `/api/v1/assets/${asset.asset_id}`)).body).toMatchObject({ code: "picture_deleted" });
			expect((await call("GET", `/api/v1/assets/${asset.asset_id}/content`)).status).toBe(410);
			expect((await call("DELETE", "/api/v1/assets/asset_none")).status).toBe(404);
		});

		test("everything an account owns comes out as one ZIP, without secrets", async () => {
			const job = await generate({ seed: 4, prompt: "a yellow sun" });
			const response = await fetch(new URL("/api/v1/export.zip", running.url), { headers: { authorization: `Bearer ${key}` } });
			expect(response.headers.get("content-type")).toBe("application/zip");
			const files = await readZip(new Uint8Array(await response.arrayBuffer()));
			const lines = (file: string) =>
				(files.get(file) ?? "")
					.toString()
					.trim()
					.split("\n")
					.filter(Boolean)
					.map((line) => JSON.parse(line));
			expect(lines("jobs.jsonl").find(({ id }) => id === job.id)).toMatchObject({ images: [{ recipe: { seed: 4 } }] });
			expect(files.get(`pictures/${job.id}/0.png`)).toEqual(Buffer.from((await download(job.images[0]?.url ?? "")).bytes));
			expect(lines("keys.jsonl")[0]).toMatchObject({ prefix: key.slice(0, 7) });
			expect(Buffer.concat([...files.values()]).toString("latin1")).not.toContain(key);
			expect(files.get("errors.jsonl")?.toString()).toBe("");
			expect(lines("ledger.jsonl").length).toBeGreaterThan(0);
		});

		test("an operator sees what is stored and sweeps it", async () => {
			const { body } = await call("GET", "/api/v1/storage");
			expect(body.data.length).toBeGreaterThan(0);
			expect((await call("POST", "/api/v1/storage/sweep")).status).toBe(200);
		});
	});
