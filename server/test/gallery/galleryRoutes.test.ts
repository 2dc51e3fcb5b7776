import { afterAll, beforeAll, expect, test } from "vitest";
import type { JobBody } from "../../src/contract/job.ts";
import { type Call, caller, download, finished } from "../http/call.ts";
import { readZip } from "../support/readZip.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";

let running: TestApp;
let call: Call;
let job: JobBody;
let stranger: Call;
beforeAll(async () => {
	running = await startTestApp();
	call = caller(running.url, running.ownerKey);
	stranger = caller(running.url, (await running.createTenant("pro", { creditMicroUsd: 0 })).key);
	const body = { prompt: "a red fox", count: 2, seed: 5, steps: 2, width: 64, height: 64, upscale: false, restore_faces: false };
	const accepted = await call("POST", "/api/v1/generations", { body });
	job = (await finished(call, running.ownerKey, accepted.body)) as unknown as JobBody;
}, 120_000);
afterAll(() => running?.close());

const first = () => ({ job_id: job.id, n: 0 });

test("finished pictures are listed with their links, and the job knows the star", async () => {
	const { status, body } = await call("GET", "/api/v1/images?q=fox");
	expect(status).toBe(200);
	expect(body.data).toMatchObject([
		{ job_id: job.id, n: 1, prompt: "a red fox", model: "embedded", seed: 6, width: 64, height: 64, starred: false, boards: [] },
		{ job_id: job.id, n: 0, seed: 5 },
	]);
	const { url } = body.data[0] as unknown as { url: string };
	expect((await download(url)).headers.get("content-type")).toBe("image/png");
	expect((await call("PATCH", "/api/v1/images", { body: { pictures: [first()], starred: true } })).status).toBe(204);
	expect((await call("GET", "/api/v1/images?starred=true")).body.data).toMatchObject([{ n: 0, starred: true }]);
	expect((await call("GET", `/api/v1/jobs/${job.id}`)).body.images.map(({ starred }) => starred)).toEqual([true, false]);
	expect((await call("GET", "/api/v1/images?limit=1")).body.next).toMatch(/^\d+\.job_/);
});

test("boards are made, filled, renamed and deleted", async () => {
	const made = await call("POST", "/api/v1/boards", { body: { name: " Foxes " } });
	expect(made.status).toBe(201);
	expect(made.body).toMatchObject({ name: "Foxes", pictures: 0 });
	const { id } = made.body;
	await call("PATCH", "/api/v1/images", { body: { pictures: [first()], add_to_board: id } });
	expect((await call("PATCH", `/api/v1/boards/${id}`, { body: { name: "Vixens" } })).body).toMatchObject({ name: "Vixens", pictures: 1 });
	expect((await call("GET", `/api/v1/images?board=${id}`)).body.data).toMatchObject([{ n: 0, boards: [id] }]);
	expect((await stranger("GET", `/api/v1/images?board=${id}`)).status).toBe(404);
	expect((await stranger("GET", "/api/v1/boards")).body.data).toEqual([]);
	expect((await call("DELETE", `/api/v1/boards/${id}`)).status).toBe(204);
	expect((await call("DELETE", `/api/v1/boards/${id}`)).body.code).toBe("not_found");
	expect((await call("GET", `/api/v1/jobs/${job.id}`)).body.images).toHaveLength(2);
});

test("chosen pictures come as one ZIP with their recipes", async () => {
	const response = await fetch(new URL("/api/v1/images/zip", running.url), {
		method: "POST",
		headers: { authorization: `Bearer ${running.ownerKey}`, "content-type": "application/json" },
		body: JSON.stringify({ pictures: [{ job_id: job.id, n: 1 }, first()] }),
	});
	expect(response.headers.get("content-disposition")).toBe('attachment; filename="glassworks-2-pictures.zip"');
	const files = await readZip(new Uint8Array(await response.arrayBuffer()));
	expect([...files.keys()]).toEqual(["001-a-red-fox.png", "002-a-red-fox.png", "manifest.json", "errors.json"]);
	expect(new Uint8Array(files.get("002-a-red-fox.png") ?? [])).toEqual((await download(job.images[0]?.url ?? "")).bytes);
	const { files: entries } = JSON.parse(String(files.get("manifest.json")));
	expect(entries).toMatchObject([{ file: "001-a-red-fox.png", n: 1, seed: 6, recipe: { settings: { prompt: "a red fox" } } }, { n: 0 }]);
	expect(JSON.parse(String(files.get("errors.json")))).toEqual([]);
});

test.each([
	["PATCH", "/api/v1/images", { pictures: [], starred: true }, "pictures"],
	["PATCH", "/api/v1/images", { pictures: [{ job_id: "job_x", n: 0 }] }, "at least one of"],
	["PATCH", "/api/v1/images", { pictures: [{ job_id: "job_x", n: 0 }], starred: true }, "pictures.0: no finished picture 0"],
	["PATCH", "/api/v1/images", { pictures: [{ job_id: "job_x", n: 0 }], add_to_board: "board_x" }, "add_to_board: no board"],
	["POST", "/api/v1/images/zip", { pictures: [{ job_id: "job_x", n: 0 }] }, "pictures.0"],
	["POST", "/api/v1/boards", { name: "  " }, "name"],
	["GET", "/api/v1/images?before=x", undefined, "before: must be `next`"],
	["GET", "/api/v1/images?starred=yes", undefined, "starred"],
	["GET", "/api/v1/images?board=board_x", undefined, "board: no board"],
])("%s %s with what is wrong names the field", async (method, path, body, expected) => {
	const { status, text } = await call(method, path, body ? { body } : {});
	expect([404, 422]).toContain(status);
	expect(JSON.parse(text).detail).toContain(expected);
});

test("another account sees, stars and takes out nothing", async () => {
	expect((await stranger("GET", "/api/v1/images")).body.data).toEqual([]);
	expect((await stranger("PATCH", "/api/v1/images", { body: { pictures: [first()], starred: true } })).status).toBe(404);
	expect((await stranger("POST", "/api/v1/images/zip", { body: { pictures: [first()] } })).status).toBe(404);
});
