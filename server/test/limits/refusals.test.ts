import { afterAll, beforeAll, expect, test } from "vitest";
import { type Call, caller, uploadPicture } from "../http/call.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { plainPicture } from "../support/testPictures.ts";

let running: TestApp;
let free: Call;
beforeAll(async () => {
	running = await startTestApp();
	free = caller(running.url, (await running.createTenant("free", { creditMicroUsd: 0 })).key);
});
afterAll(() => running?.close());

const quote = async (call: Call, body: object) => (await call("POST", "/api/v1/quotes", { body: { prompt: "a fox", ...body } })).body;

test("every refusal over a plan names the limit, what was asked, and the cheapest plan that allows it", async () => {
	expect(await quote(free, { model: "sd15", width: 768, height: 512 })).toMatchObject({
		code: "size_over_plan",
		detail: "The plan free renders up to 512 px per side; asked for 768. The plan starter allows it.",
		...{ limit: "max_side", max: 512, asked: 768, plan: "starter", plans: ["starter", "pro", "enterprise"] },
		errors: [{ path: ["width"], message: "at most 512 px on this plan" }],
	});
	expect(await quote(free, { model: "sd15", steps: 60 })).toMatchObject({
		code: "steps_over_plan",
		...{ limit: "max_steps", max: 30, asked: 60, plan: "pro", plans: ["pro", "enterprise"] },
		errors: [{ path: ["steps"] }],
	});
	expect(await quote(free, { model: "flux" })).toMatchObject({
		code: "model_not_in_plan",
		detail: "The plan free does not include flux. The plan starter allows it.",
		...{
			limit: "models",
			asked: "flux",
			models: ["embedded", "telea", "mirror", "sd15"],
			plan: "starter",
			plans: ["starter", "pro", "enterprise"],
		},
	});
});

test("a picture that the month no longer includes and credit does not pay says so, and which plan would have", async () => {
	const call = caller(running.url, (await running.createTenant("free", { creditMicroUsd: 0 })).key);
	const ask = (count: number) =>
		call("POST", "/api/v1/generations", { body: { prompt: "a fox", model: "sd15", count, upscale: false, restore_faces: false } });
	expect((await ask(3)).status).toBe(202);
	expect((await ask(4)).body).toMatchObject({
		code: "insufficient_credit",
		detail: "This costs $0.06; $0 of credit is left. Of the plan's 5 pictures a month 2 are left. The plan starter allows it.",
		quotas: [{ limit: "image", max: 5, left: 2, asked: 4 }],
		...{ plan: "starter", plans: ["starter", "pro", "enterprise"] },
	});
	const image = await uploadPicture(call, (await plainPicture(64, 64, "#ffffff")).bytes);
	const repaint = { prompt: "a hat", model: "embedded", image, mask: image, count: 1, upscale: false };
	expect((await call("POST", "/api/v1/generations", { body: repaint })).body).toMatchObject({
		code: "insufficient_credit",
		quotas: [{ limit: "inpainting", max: 0, left: 0, asked: 1 }],
		plan: "starter",
	});
});

test("the account shows all that its plan allows and promises", async () => {
	const starter = caller(running.url, (await running.createTenant("starter", { creditMicroUsd: 0 })).key);
	expect((await starter("GET", "/api/v1/account")).body).toMatchObject({
		plan_price_micro_usd: 9_990_000,
		limits: { max_side: 768, max_steps: 50, running_at_once: 2, trainings_per_month: 0, face_restoration: true, upscale: false },
		promises: { wait_ms: 600_000, success_share: 0.98 },
	});
});
