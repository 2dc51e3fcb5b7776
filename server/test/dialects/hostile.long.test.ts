import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { emptyZip, notPictures, webpBomb } from "../pictures/fileCorpus.ts";
import { pngBomb } from "../pictures/pngCorpus.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let app: TestApp;
let key: string;
beforeAll(async () => {
	app = await startTestApp({}, ["api"]);
	({ key } = await app.createTenant("starter", { creditMicroUsd: 0 }));
});
afterAll(() => app?.close());

const text = expect.any(String);
/** How each dialect's clients know a refusal. */
const shapes: Record<string, object> = {
	"/openai/v1": { error: { message: text, type: text, code: text } },
	"/fal": { detail: expect.anything(), message: text, error_type: text },
	"/replicate/v1": { title: text, status: expect.any(Number), detail: text },
	"/sdapi/v1": { error: text, detail: text },
	"/mcp": { jsonrpc: "2.0", error: { code: expect.any(Number), message: text } },
};
const prefixes = Object.keys(shapes);
const prefixOf = (url: string) => prefixes.find((prefix) => url === prefix || url.startsWith(`${prefix}/`)) ?? "";

/** Sends a body as a client would; null: accepted, and what was asked for is waited for. */
async function send(method: string, url: string, body: string | FormData, type: string | null = "application/json") {
	const headers = { authorization: `Bearer ${key}`, accept: "application/json, text/event-stream", ...(type && { "content-type": type }) };
	const waits = AbortSignal.timeout(5_000);
	const answer = await fetch(app.url + url, { method, headers, body, signal: waits }).catch((error: Error) => error);
	if (answer instanceof Error) {
		expect(answer.name).toBe("TimeoutError");
		return null;
	}
	const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream");
	return { status: answer.status, body: isStream ? "" : await answer.text() };
}

/** What came is fine, or a refusal as this dialect's clients know it, and never our own mistake. */
function expectTyped(what: string, url: string, answer: Awaited<ReturnType<typeof send>>): void {
	if (answer === null || answer.status < 400) return;
	expect(answer.status, `${what}: ${answer.body}`).toBeLessThan(500);
	expect(JSON.parse(answer.body), what).toMatchObject(shapes[prefixOf(url)] ?? {});
}

const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
const wrong = (value: unknown) =>
	JSON.stringify(
		Object.fromEntries(
			(
				"prompt model version input n size stream images init_images mask image imageList webhook webhook_events_filter glassworks " +
				"alwayson_scripts override_settings sd_model_checkpoint jsonrpc method params id seed width image_url loras image_size"
			)
				.split(" ")
				.map((name) => [name, value]),
		),
	);
const bodies: Record<string, string> = {
	"no JSON": '{"prompt": ',
	"a text": '"prompt"',
	"a list": "[]",
	nothing: "null",
	"a number": "1e999",
	"an empty object": "{}",
	depth: deep(5_000),
	NUL: '{"prompt": "a\\u0000b", "input": {"prompt": "\\u0000"}}',
	"half a surrogate pair": '{"prompt": "\\ud800", "input": {"prompt": "\\ud800"}}',
	"a prototype": '{"__proto__": {"prompt": "x"}, "constructor": {"prototype": 1}, "input": {"__proto__": {"a": 1}}}',
	"objects everywhere": wrong({ a: { b: [] } }),
	"lists everywhere": wrong([[], {}, null]),
	"numbers everywhere": wrong(-1e308),
	"flags everywhere": wrong(true),
	"very long texts everywhere": wrong("x".repeat(40_000)),
};

/** Every route of a dialect that takes a body, with something in the place of its parameters. */
function routes(): { method: string; url: string; name: string }[] {
	return app.routes
		.filter(({ method, url }) => prefixOf(url) !== "" && ["POST", "PUT", "PATCH"].includes(method))
		.map(({ method, url }) => {
			const fal = method === "PUT" ? "glassworks/embedded/requests/job_never/cancel" : "glassworks/embedded";
			const filled = url.replace(":owner", "glassworks").replace(":name", "embedded").replace("*", fal).replaceAll(/:\w+/g, "none_0");
			return { method, url: filled, name: `${method} ${url}` };
		});
}

describe("bodies that no client sends", () => {
	test.each(Object.entries(bodies))("%s: every route answers in its dialect's shape", async (what, body) => {
		for (const { method, url, name } of routes()) expectTyped(`${name}, ${what}`, url, await send(method, url, body));
	});

	test("forms that are none, and content types that are none", async () => {
		const form = "multipart/form-data; boundary=x";
		for (const { method, url, name } of routes())
			for (const [type, body] of [
				[form, "--x\r\ncontent-disposition: form-data; name=image\r\n\r\n"],
				[form, '--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\nnot a picture\r\n--x--\r\n'],
				["multipart/form-data", "x"],
				["application/x-www-form-urlencoded", "prompt=x"],
				["text/plain", "a tree"],
				["nonsense", "x"],
			] as const)
				expectTyped(`${name}, ${type}`, url, await send(method, url, body, type));
	});

	test("a body larger than any picture is refused", async () => {
		const huge = JSON.stringify({ prompt: "x".repeat(60 * 1_048_576) });
		for (const url of ["/openai/v1/images/generations", "/fal/run/embedded", "/replicate/v1/predictions", "/sdapi/v1/txt2img", "/mcp"]) {
			const answer = await send("POST", url, huge);
			expect([url, answer?.status]).toEqual([url, 413]);
			expectTyped(url, url, answer);
		}
	});
});

const hostile: Record<string, Buffer> = {
	...Object.fromEntries(Object.entries(notPictures).map(([name, content]) => [name, Buffer.from(content, "latin1")])),
	"a PNG that grows to gigabytes": pngBomb(),
	"a WebP that grows to gigabytes": webpBomb,
	"an archive": emptyZip,
	nothing: Buffer.alloc(0),
};

describe("pictures that are none, or are weapons", () => {
	test.each(Object.entries(hostile))("%s is refused by every door", async (what, bytes) => {
		const base64 = bytes.toString("base64");
		const uri = `data:image/png;base64,${base64}`;
		const form = (name: string) => {
			const made = new FormData();
			made.set(name, new Blob([new Uint8Array(bytes)], { type: "image/png" }), "a.png");
			made.set("prompt", "x");
			return made;
		};
		const json = (body: object) => JSON.stringify(body);
		const mcp = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "generate", arguments: { prompt: "x", image: uri } } };
		const doors: [string, string | FormData, string | null][] = [
			["/openai/v1/images/edits", form("image"), null],
			["/openai/v1/images/edits", json({ prompt: "x", images: [{ image_url: uri }] }), "application/json"],
			["/openai/v1/images/variations", form("image"), null],
			["/fal/run/glassworks/embedded", json({ prompt: "x", image_url: uri }), "application/json"],
			["/fal/queue/glassworks/embedded", json({ prompt: "x", image_url: uri, mask_url: uri }), "application/json"],
			["/replicate/v1/predictions", json({ version: "embedded", input: { prompt: "x", image: uri } }), "application/json"],
			["/replicate/v1/files", form("content"), null],
			["/sdapi/v1/img2img", json({ prompt: "x", init_images: [base64] }), "application/json"],
			["/sdapi/v1/extra-single-image", json({ image: base64 }), "application/json"],
			["/sdapi/v1/extra-batch-images", json({ imageList: [{ data: base64, name: "a" }] }), "application/json"],
		];
		for (const [url, body, type] of doors) {
			const answer = await send("POST", url, body, type);
			expect([url, answer?.status]).toEqual([url, expect.toSatisfy((status: number) => [400, 413, 422].includes(status))]);
			expectTyped(`${url}, ${what}`, url, answer);
		}
		// Its text is read where it is a picture; nothing of it is decoded.
		const info = await send("POST", "/sdapi/v1/png-info", json({ image: uri }));
		expectTyped(`png-info, ${what}`, "/sdapi/v1", info);
		const headers = { authorization: `Bearer ${key}`, accept: "application/json, text/event-stream", "content-type": "application/json" };
		const told = await (await fetch(`${app.url}/mcp`, { method: "POST", headers, body: json(mcp) })).text();
		expect(told).toContain('"isError":true');
		expect(told).not.toContain("internal");
	});
});
