/** What no engine at hand can do is said in the quote, before anything is accepted. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startScriptedWorker } from "../support/scriptedWorker.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { plainPicture } from "../support/testPictures.ts";
import { until } from "../support/until.ts";
import { type Call, caller } from "./call.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

let app: TestApp;
let call: Call;
let image: { asset_id: string };
const plain = { prompt: "a ship", upscale: false, restore_faces: false };
beforeAll(async () => {
	// Scripted workers say once that they live.
	app = await startTestApp({ GLASSWORKS_HEARTBEAT_MS: "200000", GLASSWORKS_LEASE_MS: "600000" });
	call = caller(app.url, app.ownerKey);
	const picture = await plainPicture(64, 64);
	const raw = new Uint8Array(picture.bytes);
	image = { asset_id: (await call("POST", "/api/v1/assets", { raw, headers: { "content-type": "image/png" } })).body.id };
	// The server's own worker has said that it lives.
	await until(async () => reasons(await quote({ ...plain, model: "embedded", steps: 2, width: 64, height: 64 })).length === 0);
});
afterAll(() => app?.close());

interface Quoted {
	would_wait: { step: string; missing: string; detail: string }[];
	code?: string;
}
const quote = async (body: object) => (await call("POST", "/api/v1/quotes", { body })).body as unknown as Quoted;
const reasons = (body: Quoted) => body.would_wait.map(({ step, missing }) => [step, missing]);

test("a model that no engine has would wait; one that is at hand would not", async () => {
	expect(reasons(await quote({ ...plain, model: "sdxl" }))).toEqual([["generate", "model"]]);
	expect((await quote({ ...plain, model: "sdxl" })).would_wait[0]?.detail).toBe("No engine at hand has sdxl.");
	expect(reasons(await quote({ ...plain, model: "embedded", steps: 2, width: 64, height: 64 }))).toEqual([]);
});

test("edits and runs of workflows are told their place and time before, like pictures", async () => {
	const waiting = { place: expect.any(Number), eta: { p50_ms: expect.any(Number) }, as_of: expect.any(String) };
	const mask = {
		polygons: [
			[
				[0.2, 0.2],
				[0.6, 0.2],
				[0.6, 0.6],
			],
		],
	};
	const edit = await call("POST", "/api/v1/edits/quotes", { body: { operation: "remove", image, mask } });
	expect(edit.body, edit.text).toMatchObject({ waiting });
	const run = await call("POST", "/api/v1/workflows/upscale/runs/quotes", { body: { inputs: { image } } });
	expect(run.body, run.text).toMatchObject({ waiting });
});

describe("with two engines of different gifts", () => {
	beforeAll(async () => {
		const owner = call;
		const traits = { controlNets: ["sdxl-canny"], maxControlNets: null, imageToImage: true };
		await startScriptedWorker(app.url, owner, { pools: ["gpu"], traits: { "generate:sdxl": traits, "generate:flux": {} } });
		const depth = { ...traits, controlNets: ["sdxl-depth"], imageToImage: false };
		await startScriptedWorker(app.url, owner, { pools: ["gpu"], traits: { "generate:sdxl": depth } });
	});
	const control = (net: string) => ({ net, image });

	test("what one of them can is quoted, what only both together can would wait, what none can is refused by its field", async () => {
		expect(reasons(await quote({ ...plain, model: "sdxl", controls: [control("sdxl-canny")] }))).toEqual([]);
		const both = await quote({ ...plain, model: "sdxl", controls: [control("sdxl-canny"), control("sdxl-depth")] });
		expect(both.would_wait).toMatchObject([{ reason: "no_capable_worker", missing: "ability", lacking: [] }]);
		expect(both.would_wait[0]?.detail).toContain("ControlNets: sdxl-canny, sdxl-depth");
		expect(await quote({ ...plain, model: "sdxl", controls: [control("sdxl-openpose")] })).toMatchObject({
			code: "unsupported_by_model",
			errors: [{ path: ["controls", 0, "net"] }],
		});
	});

	test("a picture to start from is taken where an engine can, and refused by its field where none can", async () => {
		expect(reasons(await quote({ ...plain, model: "sdxl", image }))).toEqual([]);
		const together = await quote({ ...plain, model: "sdxl", image, controls: [control("sdxl-depth")] });
		expect(together.would_wait).toMatchObject([{ missing: "ability", lacking: [] }]);
		for (const path of ["/api/v1/quotes", "/api/v1/generations"])
			expect((await call("POST", path, { body: { ...plain, model: "flux", image } })).body).toMatchObject({
				code: "unsupported_by_model",
				errors: [{ path: ["image"], message: expect.stringContaining("no engine at hand starts from a picture with flux") }],
			});
	});
});

test.each([
	["a webhook into the server's own network", { webhook_url: "http://127.0.0.1/hook" }, "webhook_url"],
	["events without a webhook", { webhook_events: ["job.succeeded"] }, "webhook_events"],
	["mail to a stranger", { email_results_to: "stranger@example.com" }, "email_results_to"],
])("%s is refused in the quote as in the request", async (_what, more, field) => {
	const small = { ...plain, steps: 2, width: 64, height: 64, ...more };
	const [quoted, asked] = [
		await call("POST", "/api/v1/quotes", { body: small }),
		await call("POST", "/api/v1/generations", { body: small }),
	];
	expect(asked.body).toMatchObject({ errors: [{ path: [field] }] });
	const refusal = ({ body }: typeof asked) => ({ ...body, instance: null, request_id: null });
	expect(refusal(quoted)).toEqual(refusal(asked));
});
