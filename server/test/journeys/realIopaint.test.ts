/** Edits by a real IOPaint, from the request to the picture. `npm run test:engines` sets the variable; the tiny networks draw noise. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type IopaintInstallation, type IopaintServer, installIopaint } from "../../../tools/setup/iopaint.ts";
import { type Body, type Call, caller, download, finished, type ReadEvent, readEvents, uploadPicture } from "../http/call.ts";
import { startServer } from "../kill/serverProcess.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { type Watch, watchRequests } from "../support/watchRequests.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const limit = 240_000;

describe.skipIf(!process.env.TEST_IOPAINT_URL)("edits by a real IOPaint", { timeout: limit }, () => {
	let folder: string;
	let variables: Record<string, string>;
	let installation: IopaintInstallation;
	let iopaint: IopaintServer;
	let watch: Watch;
	let app: TestApp;
	let call: Call;
	let engine: string;

	beforeAll(async () => {
		folder = await mkdtemp(path.join(os.tmpdir(), "glassworks-iopaint-"));
		variables = { GLASSWORKS_CONFIG: await writeOperatorFile(folder) };
		installation = await installIopaint(root);
		iopaint = await installation.start(true);
		watch = await watchRequests(iopaint.url);
		app = await startTestApp(variables);
		call = caller(app.url, app.ownerKey);
		engine = await addEngine(call, watch.url);
	}, limit);
	afterAll(async () => {
		await app?.close();
		await watch?.close();
		await iopaint?.stop();
		await rm(folder, { recursive: true, force: true });
	});

	test("the quote names the model and the price, the edit is done by that model for that price, and the recipe says so", async () => {
		const own = await app.createTenant("starter", { creditMicroUsd: 1_000_000 });
		const as = caller(app.url, own.key);
		const input = await photograph("rocket");
		const image = await uploadPicture(as, input);
		// The plan pays for one edit and for the pictures of both.
		for (const total of [0, 80_000]) {
			const asked = { operation: "remove", image, mask: { polygons: [mast.polygon], feather: 6 }, steps: 2 };
			const quote = (await as("POST", "/api/v1/edits/quotes", { body: asked })).body;
			expect(quote, JSON.stringify(quote)).toMatchObject({ model: "sd15", total_micro_usd: total });
			const job = await finished(as, own.key, (await as("POST", "/api/v1/edits", { body: asked })).body);
			expect(job, JSON.stringify(job)).toMatchObject({ status: "succeeded", model: "sd15", charged_micro_usd: total });
			expect(job.images[0]?.recipe).toMatchObject({ steps: { paint: { engine: "iopaint", powerPaint: "object-remove" } } });
		}
		const named = { operation: "remove", image, mask: { polygons: [mast.polygon] }, model: "iopaint-cv2" };
		expect((await as("POST", "/api/v1/edits/quotes", { body: named })).body).toMatchObject({ code: "model_not_in_plan" });
	});

	test("what a named model removes from a photograph changes inside the feathered mask and nowhere else", async () => {
		const input = await photograph("rocket");
		const asked = { operation: "remove", model: "iopaint-cv2", mask: { polygons: [mast.polygon], feather: 6 } };
		expect(await quoted({ ...asked, image: await uploadPicture(call, input) })).toMatchObject({ model: "iopaint-cv2", total_micro_usd: 0 });
		const { job, bytes } = await edit(asked, input);
		expect(job).toMatchObject({ model: "iopaint-cv2" });
		const { inside, outside } = await changes(input, bytes, mast.box, 6);
		expect(outside).toBe(0);
		expect(inside).toBeGreaterThan(0.9 * area(mast.box));
	});

	test.each([
		{ operation: "remove", how: "object-remove" },
		{ operation: "fill", how: "context-aware" },
		{ operation: "replace", prompt: "a kite", how: "text-guided" },
		{ operation: "insert", prompt: "a kite", shape_fidelity: 0.5, how: "shape-guided" },
	])(
		"without a model being named, $operation goes to the first of the operator's list, and changes nothing else",
		async ({ how, ...wish }) => {
			const input = await photograph("cat");
			const asked = { ...wish, mask: { polygons: [eye.polygon], grow: 3, feather: 9 }, steps: 3 };
			const { job, bytes } = await edit(asked, input);
			expect(job).toMatchObject({ model: "sd15" });
			expect(job.images[0]?.recipe).toMatchObject({ steps: { paint: { powerPaint: how } } });
			const { inside, outside } = await changes(input, bytes, eye.box, 3 + 9);
			expect(outside).toBe(0);
			expect(inside).toBeGreaterThan(0.9 * area(eye.box));
		},
	);

	test("outpainting adds a border, and what was there stays but for the feather", async () => {
		const input = await photograph("coffee");
		const { width = 0, height = 0 } = await sharp(input).metadata();
		const { job, bytes } = await edit({ operation: "outpaint", extend: { left: 72, bottom: 40, feather: 10 }, steps: 3 }, input);
		expect(job).toMatchObject({ model: "sd15" });
		const { info } = await pixelsOf(bytes);
		expect([info.width, info.height]).toEqual([width + 72, height + 40]);
		const old = { left: 72 + 10, top: 0, width: width - 10, height: height - 10 };
		const kept = await sharp(bytes).extract(old).png().toBuffer();
		const before = await sharp(input)
			.extract({ ...old, left: 10 })
			.png()
			.toBuffer();
		expect((await changes(before, kept, { left: 0, top: 0, width: 0, height: 0 }, 0)).outside).toBe(0);
		// Random networks draw noise: a border that only continued the picture's edge would be far smoother.
		const border = await sharp(bytes).extract({ left: 0, top: 0, width: 60, height }).png().toBuffer();
		expect((await sharp(border).stats()).sharpness).toBeGreaterThan(5);
	});

	test.each<[string, (cat: Sharp) => Promise<Buffer>]>([
		["a grey picture", (cat) => cat.greyscale().png().toBuffer()],
		["one of 16 bits", (cat) => cat.toColourspace("rgb16").png().toBuffer()],
		["one with a palette", (cat) => cat.png({ palette: true, colours: 16 }).toBuffer()],
		["a half clear one", (cat) => cat.ensureAlpha(0.5).png().toBuffer()],
		["one that lies on its side", (cat) => cat.rotate(90).jpeg().withMetadata({ orientation: 8 }).toBuffer()],
	])("%s is edited like any other", async (_name, make) => {
		const input = await make(sharp(await photograph("cat")));
		const { bytes, original } = await edit(
			{ operation: "fill", model: "iopaint-cv2", mask: { polygons: [eye.polygon], feather: 5 } },
			input,
		);
		const { inside, outside } = await changes(original, bytes, eye.box, 5);
		expect(outside).toBe(0);
		expect(inside).toBeGreaterThan(0.8 * area(eye.box));
	});

	test.each(["iopaint-cv2", "sd15"])(
		"the clear part of a picture is filled by %s with what is around it, and becomes solid",
		async (model) => {
			const hole = Buffer.from(`<svg width="451" height="300"><rect x="200" y="200" width="40" height="30"/></svg>`);
			const clear = { left: 200, top: 200, width: 40, height: 30 };
			const input = await sharp(await photograph("cat"))
				.ensureAlpha()
				.composite([{ input: hole, blend: "dest-out" }])
				.png()
				.toBuffer();
			const { bytes } = await edit(
				{ operation: "fill", model, mask: { alpha: true, feather: 0 }, ...(model === "sd15" ? { steps: 2 } : {}) },
				input,
			);
			expect((await changes(input, bytes, clear, 0)).outside).toBe(0);
			const { channels } = await sharp(await sharp(bytes).extract(clear).png().toBuffer()).stats();
			expect(channels[3]).toMatchObject({ min: 255 });
			// Neither the white nor the black that engines are shown for what is clear.
			expect(channels[0]?.stdev).toBeGreaterThan(1);
		},
	);

	test("the result of an edit cancelled while IOPaint draws is dropped, its price comes back, and the next edit is right", async () => {
		const own = await app.createTenant("free", { creditMicroUsd: 1_000_000 });
		const as = caller(app.url, own.key);
		const input = await photograph("cat");
		const image = await uploadPicture(as, input);
		const asked = { operation: "replace", prompt: "a kite", model: "sd15", image, mask: { polygons: [eye.polygon], feather: 4 } };
		const { body } = await as("POST", "/api/v1/edits", { body: { ...asked, steps: 12 } });
		await untilDrawing(body, own.key);
		const sent = watch.posts(inpaint);
		expect((await as("POST", `/api/v1/jobs/${body.id}/cancel`)).status).toBe(200);
		const cancelled = await finished(as, own.key, body);
		expect(cancelled).toMatchObject({ status: "cancelled", charged_micro_usd: 0 });
		const next = await edit(
			{ operation: "remove", model: "iopaint-cv2", mask: { polygons: [mast.polygon], feather: 4 } },
			await photograph("rocket"),
		);
		expect((await changes(next.original, next.bytes, mast.box, 4)).outside).toBe(0);
		expect([watch.posts(inpaint) - sent, watch.mostPosts()]).toEqual([1, 1]);
		const { body: after } = await as("GET", `/api/v1/jobs/${body.id}`);
		expect([after.status, after.images.map((picture) => picture.url)]).toEqual(["cancelled", [null]]);
	});

	test("edits of two servers never meet inside IOPaint, and each gets its own pixels back", async () => {
		const key = `gw_${"k".repeat(43)}`;
		const data = path.join(folder, "second");
		const own = { ...variables, GLASSWORKS_DATA: data, GLASSWORKS_PORT: "0", GLASSWORKS_OWNER_KEY: key, TMPDIR: os.tmpdir() };
		const second = startServer("api,worker", own);
		try {
			const other = { call: caller(await second.url, key), key };
			await addEngine(other.call, watch.url);
			const before = watch.posts(inpaint);
			const asked = { operation: "remove", model: "iopaint-cv2", mask: { polygons: [mast.polygon], feather: 4 } };
			const drawn = { operation: "replace", prompt: "a kite", model: "sd15", steps: 2, mask: asked.mask };
			const [rocket, coffee] = [await photograph("rocket"), await photograph("coffee")];
			const made = await Promise.all([
				edit(drawn, rocket),
				edit(drawn, coffee, other),
				edit(asked, rocket),
				edit(asked, coffee, other),
				edit(drawn, rocket),
				edit(drawn, coffee, other),
			]);
			for (const { original, bytes } of made) expect((await changes(original, bytes, mast.box, 4)).outside).toBe(0);
			expect(watch.posts(inpaint) - before).toBeGreaterThanOrEqual(made.length);
			expect(watch.mostPosts()).toBe(1);
		} finally {
			await second.end("SIGTERM");
		}
	});

	test("once the engine is removed, the same edit is done by telea", async () => {
		const input = await photograph("rocket");
		const asked = { operation: "remove", mask: { polygons: [mast.polygon], feather: 6 } };
		const image = await uploadPicture(call, input);
		expect((await call("DELETE", `/api/v1/engines/${engine}`)).status).toBe(204);
		while ((await quoted({ ...asked, image })).model !== "telea") await pause(50);
		const { job, bytes } = await edit(asked, input);
		expect(job).toMatchObject({ model: "telea" });
		expect((await changes(input, bytes, mast.box, 6)).outside).toBe(0);
	});

	test("an edit whose IOPaint is killed in the middle waits until it is back, and is then done", async () => {
		engine = await addEngine(call, iopaint.url);
		const input = await photograph("cat");
		const image = await uploadPicture(call, input);
		const asked = { operation: "replace", prompt: "a kite", model: "sd15", image, mask: { polygons: [eye.polygon], feather: 4 } };
		const { body } = await call("POST", "/api/v1/edits", { body: { ...asked, steps: 12 } });
		await untilDrawing(body, app.ownerKey);
		await iopaint.stop();
		// It is away for as long as it takes: no attempt is made in vain.
		await untilWaiting(body.id, "no_capable_worker");
		const removal = { operation: "remove", image, mask: asked.mask };
		expect(await quoted(removal)).toMatchObject({ model: "telea" });
		iopaint = await installation.start(true, Number(new URL(iopaint.url).port));
		const job = await finished(call, app.ownerKey, body);
		expect(job.status, JSON.stringify(job)).toBe("succeeded");
		const events = await readEvents(body.links.events, { authorization: `Bearer ${app.ownerKey}` });
		expect(events.filter(({ type }) => type === "step.retrying").map(({ data }) => data.data.code)).toEqual(["engine_down"]);
		const { bytes } = await download(job.images[0]?.url ?? "");
		const { inside, outside } = await changes(input, bytes, eye.box, 4);
		expect(outside).toBe(0);
		expect(inside).toBeGreaterThan(0.9 * area(eye.box));
	});

	const quoted = async (body: object) => (await call("POST", "/api/v1/edits/quotes", { body })).body as unknown as { model: string };

	/** An edit to its end, and the picture that it was made of as the server took it in. */
	async function edit(asked: object, input: Uint8Array, as = { call, key: app.ownerKey }) {
		const image = await uploadPicture(as.call, input);
		const accepted = await as.call("POST", "/api/v1/edits", { body: { ...asked, image } });
		expect(accepted.status, accepted.text).toBe(202);
		const job = await finished(as.call, as.key, accepted.body);
		expect(job.status, JSON.stringify(job)).toBe("succeeded");
		const [made, original] = [await download(job.images[0]?.url ?? ""), await download(job.images[0]?.original_url ?? "")];
		return { job, bytes: made.bytes, original: original.bytes };
	}

	async function untilWaiting(id: string, reason: string): Promise<void> {
		for (;;) {
			const { body, text } = await call("GET", `/api/v1/jobs/${id}`);
			if (["succeeded", "failed"].includes(String(body.status))) throw new Error(`the job ended: ${text}`);
			if (text.includes(`"${reason}"`)) return;
			await pause(50);
		}
	}
});

const inpaint = "/api/v1/inpaint";

interface Box {
	left: number;
	top: number;
	width: number;
	height: number;
}
const area = ({ width, height }: Box) => width * height;
const rectangle = (box: Box) => {
	const [right, bottom] = [box.left + box.width, box.top + box.height];
	return {
		box,
		polygon: [
			[box.left, box.top],
			[right, box.top],
			[right, bottom],
			[box.left, bottom],
		],
	};
};
/** Of the rocket's picture. */
const mast = rectangle({ left: 335, top: 80, width: 50, height: 220 });
/** Of the cat's. */
const eye = rectangle({ left: 140, top: 80, width: 70, height: 64 });

async function pixelsOf(bytes: Uint8Array) {
	return sharp(bytes).raw().toBuffer({ resolveWithObject: true });
}

/** How many pixels differ inside a box, and how many farther than `reachPx` from it. */
async function changes(before: Uint8Array, after: Uint8Array, box: Box, reachPx: number): Promise<{ inside: number; outside: number }> {
	const [old, made] = [await pixelsOf(before), await pixelsOf(after)];
	const { width, height, channels } = old.info;
	expect([made.info.width, made.info.height, made.info.channels]).toEqual([width, height, channels]);
	const isWithin = (x: number, y: number, byPx: number) =>
		x >= box.left - byPx && x < box.left + box.width + byPx && y >= box.top - byPx && y < box.top + box.height + byPx;
	const found = { inside: 0, outside: 0 };
	for (let at = 0; at < old.data.length; at += channels) {
		if (old.data.compare(made.data, at, at + channels, at, at + channels) === 0) continue;
		const [x, y] = [(at / channels) % width, Math.floor(at / channels / width)];
		if (isWithin(x, y, 0)) found.inside++;
		else if (!isWithin(x, y, reachPx)) found.outside++;
	}
	return found;
}

/** Until the engine told a step that it drew of this job. */
async function untilDrawing({ links }: Body, key: string): Promise<void> {
	const isDrawing = ({ type, data }: ReadEvent) => type === "progress" && Number(data.data.sampler_step) > 0;
	await readEvents(links.events, { authorization: `Bearer ${key}` }, (events) => events.some(isDrawing));
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function writeOperatorFile(folder: string): Promise<string> {
	const file = path.join(folder, "glassworks.config.ts");
	const shipped = pathToFileURL(path.join(root, "glassworks.config.ts")).href;
	await writeFile(
		file,
		`import { glassworks as shipped } from ${JSON.stringify(shipped)};
const models = shipped.models.map((model) => (model.name === "sd15" ? { ...model, recipe: { ...model.recipe, iopaint: "tiny-sd15" } } : model));
export const glassworks = { ...shipped, models };
`,
	);
	return file;
}

async function addEngine(call: Call, url: string): Promise<string> {
	const { status, body, text } = await call("POST", "/api/v1/engines", { body: { url } });
	expect(status, text).toBe(201);
	await untilAvailable(call, "iopaint-cv2");
	return (body as unknown as { engine: { id: string } }).engine.id;
}

/** Until the queue says that somebody alive can run the model. */
async function untilAvailable(call: Call, model: string): Promise<void> {
	for (;;) {
		const { data } = (await call("GET", "/api/v1/models")).body as unknown as { data: { name: string; available: boolean }[] };
		if (data.find(({ name }) => name === model)?.available) return;
		await pause(50);
	}
}

async function photograph(name: string): Promise<Buffer> {
	return sharp(await readFile(path.join(import.meta.dirname, `../data/photographs/${name}.jpg`)))
		.png()
		.toBuffer();
}
