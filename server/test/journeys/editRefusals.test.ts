/** Edits that are refused on the real platform with what ships, over HTTP. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Call, caller, uploadPicture } from "../http/call.ts";
import { startScriptedWorker } from "../support/scriptedWorker.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { drawOnBlack, plainPicture } from "../support/testPictures.ts";

let app: TestApp;
let call: Call;
beforeAll(async () => {
	app = await startTestApp();
	call = caller(app.url, app.ownerKey);
});
afterAll(() => app?.close());

const upload = (bytes: Uint8Array, as = call) => uploadPicture(as, bytes);
const refused = async (body: object, as = call) => {
	const answers = [await as("POST", "/api/v1/edits/quotes", { body }), await as("POST", "/api/v1/edits", { body })];
	expect(answers[0]?.body.code, JSON.stringify(answers[0]?.body)).toBe(answers[1]?.body.code);
	return answers[0]?.body as unknown as {
		code: string;
		status: number;
		detail: string;
		reason?: string;
		errors: { path: (string | number)[] }[];
	};
};

describe("what cannot be done is said in the quote, before anything is queued", () => {
	const whole = [
		[
			[0, 0],
			[64, 0],
			[64, 48],
			[0, 48],
		],
	];
	const part = [
		[
			[0, 0],
			[30, 0],
			[30, 30],
			[0, 30],
		],
	];
	let image: { asset_id: string };
	beforeAll(async () => {
		image = await upload((await plainPicture(64, 48)).bytes);
	});

	test("an operation that no engine at hand can do, with what would help", async () => {
		expect(await refused({ operation: "outpaint", image, extend: { left: 16 }, model: "sd15" })).toMatchObject({
			code: "edit_unavailable",
			status: 422,
			operation: "outpaint",
			detail: expect.stringMatching(/No engine at hand can outpaint with sd15: an engine that runs sd15/),
		});
		expect(await refused({ operation: "remove", image, mask: { polygons: part }, model: "embedded" })).toMatchObject({
			code: "edit_unavailable",
		});
		expect(await refused({ operation: "remove", image, mask: { polygons: part }, model: "nobody" })).toMatchObject({
			code: "unknown_model",
		});
	});

	test("a wish that no engine at hand can meet, by its field", async () => {
		const edit = { operation: "replace", prompt: "a star", image, mask: { polygons: part } };
		expect(await refused({ ...edit, refine: { control: "canny" } })).toMatchObject({
			code: "unsupported_by_model",
			errors: [{ path: ["refine", "control"] }],
		});
		expect(await refused({ operation: "outpaint", image, extend: { left: 16 }, prompt: "a beach" })).toMatchObject({
			code: "unsupported_by_model",
			errors: [{ path: ["prompt"] }],
		});
		expect(await refused({ ...edit, shape_fidelity: 0.5 })).toMatchObject({
			code: "unsupported_by_model",
			errors: [{ path: ["shape_fidelity"] }],
		});
	});

	test("several pictures of what makes the same one whatever the seed, with one that would do", async () => {
		const edit = { operation: "remove", image, mask: { polygons: part }, count: 2 };
		expect(await refused(edit)).toMatchObject({
			code: "unsupported_by_model",
			errors: [{ path: ["count"], message: "telea makes the same picture whatever the seed; ask for 1" }],
		});
	});

	test("a mask that marks nothing, everything, or has another shape, with both sizes", async () => {
		const wide = await upload(await drawOnBlack(100, 20, `<rect width="9" height="9" fill="#fff"/>`).png().toBuffer());
		const remove = { operation: "remove", image };
		expect(await refused({ ...remove, mask: { image: wide } })).toMatchObject({
			code: "mask_invalid",
			reason: "shape",
			detail: expect.stringMatching(/100x20.*64x48/),
			errors: [{ path: ["mask"] }],
		});
		expect(await refused({ ...remove, mask: { alpha: true } })).toMatchObject({ code: "mask_invalid", reason: "empty" });
		expect(await refused({ ...remove, mask: { polygons: part, grow: -30 } })).toMatchObject({ code: "mask_invalid", reason: "empty" });
		expect(await refused({ ...remove, mask: { polygons: whole } })).toMatchObject({ code: "mask_invalid", reason: "full" });
	});

	test("fields that the operation lacks or has no use for, each named", async () => {
		const mask = { polygons: part };
		const path = async (body: object) => (await refused({ image, ...body })).errors.map((error) => error.path[0]);
		expect(await path({ operation: "replace", mask })).toEqual(["prompt"]);
		expect(await path({ operation: "remove", mask, prompt: "a star" })).toEqual(["prompt"]);
		expect(await path({ operation: "insert", prompt: "a star" })).toEqual(["mask"]);
		expect(await path({ operation: "outpaint", mask })).toEqual(["extend", "mask"]);
		expect(await path({ operation: "fill", mask: { ...mask, alpha: true } })).toEqual(["mask"]);
		expect(
			await path({
				operation: "fill",
				mask: {
					polygons: [
						[
							[0, 0],
							[1, 1],
						],
					],
				},
			}),
		).toEqual(["mask"]);
	});

	test("an edit cannot be had through the other doors with a mask of its own making", async () => {
		const body = { prompt: "x", workflow: "edit", image, mask: image };
		expect((await call("POST", "/api/v1/generations", { body })).body).toMatchObject({
			code: "unknown_workflow",
			detail: expect.stringContaining("/api/v1/edits"),
		});
		for (const asked of [{}, { image, mask: image }])
			expect((await call("POST", "/api/v1/generations", { body: { prompt: "x", model: "telea", ...asked } })).body).toMatchObject({
				code: "unsupported_by_model",
				errors: [{ path: ["model"] }],
			});
	});

	test("addresses that are not public, and what is no picture, by the field that names them", async () => {
		const mask = (url: string) => refused({ operation: "remove", image, mask: { image: { url } } });
		expect(await mask("http://127.0.0.1:1/mask.png")).toMatchObject({ code: "url_blocked", errors: [{ path: ["mask", "image", "url"] }] });
		expect(
			(await call("POST", "/api/v1/assets", { raw: new TextEncoder().encode("<svg/>"), headers: { "content-type": "image/png" } })).body,
		).toMatchObject({ code: "picture_unsupported" });
		expect(
			await refused({ operation: "remove", image, mask: { polygons: [Array.from({ length: 1_001 }, (_, at) => [at, at])] } }),
		).toMatchObject({ code: "invalid_request" });
	});

	test("the quote names the model, the part it is shown and the price", async () => {
		const pro = await app.createTenant("pro", { creditMicroUsd: 0 });
		const free = await app.createTenant("free", { creditMicroUsd: 1_000_000 });
		const quoted = async (key: string) => {
			const as = caller(app.url, key);
			const own = await upload((await plainPicture(64, 48)).bytes, as);
			return (await as("POST", "/api/v1/edits/quotes", { body: { operation: "remove", image: own, mask: { polygons: part } } })).body;
		};
		expect(await quoted(pro.key)).toMatchObject({
			model: "telea",
			total_micro_usd: 0,
			window: { left: 0, top: 0, width: 64, height: 48, painted_width: 64 },
		});
		expect(await quoted(free.key)).toMatchObject({ model: "telea", total_micro_usd: 80_000 });
	});
});

test("another account's pictures are not there, neither to edit nor as a mask", async () => {
	const other = caller(app.url, (await app.createTenant("pro", { creditMicroUsd: 0 })).key);
	const picture = (await plainPicture(64, 48)).bytes;
	const [theirs, own] = [await upload(picture), await upload(picture, other)];
	expect(await refused({ operation: "remove", image: theirs, mask: { alpha: true } }, other)).toMatchObject({
		status: 404,
		errors: [{ path: ["image", "asset_id"] }],
	});
	expect(await refused({ operation: "remove", image: own, mask: { image: theirs } }, other)).toMatchObject({
		status: 404,
		errors: [{ path: ["mask", "image", "asset_id"] }],
	});
});

test("extending by nothing is refused by the field that says how far", async () => {
	const traits = { "inpaint:sd15": { operations: ["outpaint" as const] } };
	await startScriptedWorker(app.url, call, { pools: ["gpu"], traits });
	const image = await upload((await plainPicture(64, 48)).bytes);
	expect(await refused({ operation: "outpaint", image, extend: { left: 0 } })).toMatchObject({
		code: "mask_invalid",
		errors: [{ path: ["extend"], message: "must add at least a pixel on one side" }],
	});
});
