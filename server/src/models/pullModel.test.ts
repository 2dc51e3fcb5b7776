import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeCheckpoint } from "../../test/writeCheckpoint.ts";
import { GlassworksError } from "../domain/errors.ts";
import { listModels, verifyModels } from "./listModels.ts";
import { type DownloadableModel, downloadableModels } from "./manifest.ts";
import { type PullOptions, pullModel } from "./pullModel.ts";

/** A checkpoint in miniature, with a layout to match: enough bytes to be cut in two, few enough to be quick. */
const elements = 300_000;
let folder = "";
let server: Server;
let url = "";
let body: Buffer;
let requests: { range: string | undefined }[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "gw-pull-"));
	const faces = join(folder, "models", "faces");
	await mkdir(faces, { recursive: true });
	await writeFile(join(folder, "models", "manifest.json"), JSON.stringify({ files: [] }));
	const tensor = { key: "weight", shape: [elements], offset: 64, length: elements * 4 };
	for (const network of ["gfpgan", "codeformer"]) {
		const layout = { weightsFile: `${network}.weights`, bytes: 64 + elements * 4, tensors: [tensor], unused: [] };
		await writeFile(join(faces, `${network}.graph.onnx`), "graph");
		await writeFile(join(faces, `${network}.layout.json`), JSON.stringify(layout));
	}
	body = await checkpointOf("weight");
	requests = [];
	answer = serveRanges;
	server = createServer((request, response) => {
		requests.push({ range: request.headers.range });
		answer(request, response);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/GFPGANv1.4.pth`;
});
afterEach(async () => {
	server.closeAllConnections();
	server.close();
	await rm(folder, { recursive: true, force: true });
});

async function checkpointOf(key: string): Promise<Buffer> {
	const path = join(folder, "source.pth");
	const bytes = () => new Uint8Array(Float32Array.from({ length: elements }, (_, index) => index).buffer);
	await writeCheckpoint(path, [{ key, shape: [elements], bytes }], { layout: "legacy" });
	return readFile(path);
}

function serveRanges(request: IncomingMessage, response: ServerResponse): void {
	const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
	if (start > 0)
		response.writeHead(206, { "content-range": `bytes ${start}-${body.length - 1}/${body.length}`, "content-length": body.length - start });
	else response.writeHead(200, { "content-length": body.length });
	response.end(body.subarray(start));
}
/** Sends half of what is left, then breaks the connection. */
function cutOff(request: IncomingMessage, response: ServerResponse): void {
	const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
	const end = start + Math.floor((body.length - start) / 2);
	if (start > 0)
		response.writeHead(206, { "content-range": `bytes ${start}-${body.length - 1}/${body.length}`, "content-length": body.length - start });
	else response.writeHead(200, { "content-length": body.length });
	response.write(body.subarray(start, end), () => setTimeout(() => response.destroy(), 20));
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const gfpgan = (changes: Partial<DownloadableModel> = {}) => offered("gfpgan", changes);
function offered(name: string, changes: Partial<DownloadableModel> = {}): DownloadableModel {
	const model = downloadableModels.find((entry) => entry.name === name);
	if (model === undefined) throw new Error(`the list lacks ${name}`);
	return { ...model, url, bytes: body.length, digest: { algorithm: "sha256", hex: sha256(body) }, ...changes };
}
function pull(changes: Partial<PullOptions> = {}, model: DownloadableModel = gfpgan()) {
	const signal = new AbortController().signal;
	const folders = { modelsDir: join(folder, "models"), dataModelsDir: join(folder, "data") };
	return pullModel(model.name, { ...folders, fetch, signal, onProgress() {}, retryDelayMs: 1, entries: [model], ...changes });
}
async function refusal(promise: Promise<unknown>): Promise<GlassworksError> {
	const error = await promise.then(
		() => null,
		(reason: unknown) => reason,
	);
	if (error instanceof GlassworksError) return error;
	throw new Error(`expected a coded error, got ${error}`);
}
const data = (...path: string[]) => join(folder, "data", ...path);
const partFile = () => data("gfpgan", "GFPGANv1.4.pth.part");
const folders = () => ({ modelsDir: join(folder, "models"), dataModelsDir: data() });

test("a pulled model is fetched, checked, converted, listed and verified, and the download does not stay behind", async () => {
	const phases = new Set<string>();
	const result = await pull({ onProgress: ({ phase }) => phases.add(phase) });
	expect(result).toMatchObject({ name: "gfpgan", wasInstalled: false, isUsable: true, sourceSha256: sha256(body) });
	expect([...phases]).toEqual(["download", "check", "convert"]);
	expect((await readdir(data("gfpgan"))).sort()).toEqual(["gfpgan.onnx", "gfpgan.weights", "installed.json"]);
	const weights = await readFile(data("gfpgan", "gfpgan.weights"));
	expect([weights.length, weights.readFloatLE(64), weights.readFloatLE(64 + 4 * 299_999)]).toEqual([64 + elements * 4, 0, 299_999]);
	expect(await listModels(folders(), [gfpgan()])).toMatchObject([{ name: "gfpgan", isInstalled: true }]);
	expect((await verifyModels(folders(), new AbortController().signal, [gfpgan()])).map((check) => check.state)).toEqual(["ok", "ok"]);
});

test("pulling what is installed fetches nothing", async () => {
	await pull();
	requests = [];
	expect(await pull()).toMatchObject({ wasInstalled: true });
	expect(requests).toEqual([]);
});

test("an installed file that was damaged later is found and the next pull repairs it", async () => {
	await pull();
	const path = data("gfpgan", "gfpgan.weights");
	await writeFile(path, (await readFile(path)).with(1000, 99));
	expect(await verifyModels(folders(), new AbortController().signal, [gfpgan()])).toContainEqual({
		model: "gfpgan",
		path,
		state: "wrong_digest",
	});
	expect(await pull()).toMatchObject({ wasInstalled: false });
	expect((await verifyModels(folders(), new AbortController().signal, [gfpgan()])).map((check) => check.state)).toEqual(["ok", "ok"]);
});

test("a connection cut again and again is continued where it broke, not begun anew", async () => {
	answer = (request, response) => (requests.length <= 5 ? cutOff : serveRanges)(request, response);
	await pull();
	const starts = requests.map(({ range }) => Number(range?.slice(6, -1) ?? 0));
	expect(starts).toHaveLength(6);
	expect(starts).toEqual(starts.toSorted((left, right) => left - right));
	expect(starts.at(-1)).toBeGreaterThan(body.length / 2);
});

test("a pull that was stopped keeps what it has and the next one continues it", async () => {
	const stop = new AbortController();
	answer = (_request, response) => {
		response.writeHead(200, { "content-length": body.length });
		response.write(body.subarray(0, 500_000));
	};
	const stopped = refusal(pull({ signal: stop.signal, onProgress: ({ fraction }) => fraction > 0.2 && stop.abort() }));
	expect((await stopped).code).toBe("cancelled");
	const kept = (await stat(partFile())).size;
	expect(kept).toBeGreaterThan(0);
	answer = serveRanges;
	await pull();
	expect(requests.at(-1)?.range).toBe(`bytes=${kept}-`);
});

test("a server that ignores the request to continue is read from the start", async () => {
	await mkdir(data("gfpgan"), { recursive: true });
	await writeFile(partFile(), "something else entirely");
	answer = (_request, response) => response.writeHead(200, { "content-length": body.length }).end(body);
	expect(await pull()).toMatchObject({ wasInstalled: false });
});

test("left-overs longer than the file, or that the server will not continue, are thrown away", async () => {
	await mkdir(data("gfpgan"), { recursive: true });
	await writeFile(partFile(), Buffer.alloc(body.length + 1));
	await pull();
	await writeFile(data("gfpgan", "installed.json"), "{}");
	await writeFile(partFile(), Buffer.alloc(10));
	answer = (request, response) => (request.headers.range ? response.writeHead(416).end() : serveRanges(request, response));
	expect(await pull()).toMatchObject({ wasInstalled: false });
});

test("a download with the wrong digest is deleted, and the message says so with both digests", async () => {
	const right = gfpgan();
	body = Buffer.from(body.with(5000, 255));
	const error = await refusal(pull({}, right));
	expect(error.data).toEqual({ reason: "wrong_digest", expected: right.digest?.hex, actual: sha256(body) });
	expect(error.message).toContain("deleted");
	expect(await readdir(data("gfpgan"))).toEqual([]);
});

test("a wrong start that was continued is caught by the digest, and the next pull starts clean", async () => {
	await mkdir(data("gfpgan"), { recursive: true });
	await writeFile(partFile(), Buffer.alloc(1000));
	expect((await refusal(pull())).data.reason).toBe("wrong_digest");
	expect(await pull()).toMatchObject({ wasInstalled: false });
});

test("without a network the error names the address, the digest and the way by hand", async () => {
	const model = gfpgan({ url: "http://127.0.0.1:9/GFPGANv1.4.pth" });
	const error = await refusal(pull({}, model));
	expect([error.code, error.data.reason, error.data.url, error.data.digest]).toEqual([
		"unavailable",
		"offline",
		model.url,
		model.digest?.hex,
	]);
	for (const part of [model.url, model.digest?.hex ?? "", "glassworks models pull gfpgan --from"]) expect(error.message).toContain(part);
});

test("an address that is gone is asked once; a server in trouble is asked again", async () => {
	answer = (_request, response) => response.writeHead(404).end();
	expect((await refusal(pull())).data).toMatchObject({ reason: "http_status", status: 404 });
	expect(requests).toHaveLength(1);
	answer = (request, response) => (requests.length < 4 ? response.writeHead(503).end() : serveRanges(request, response));
	expect(await pull()).toMatchObject({ wasInstalled: false });
});

test("a server that sends more than the file's size is stopped and nothing is kept", async () => {
	const model = gfpgan({ bytes: 1000 });
	expect((await refusal(pull({}, model))).data.reason).toBe("too_large");
	expect((await stat(partFile())).size).toBe(0);
});

test("a folder that cannot be written gives an error that names it", async () => {
	await writeFile(join(folder, "file"), "");
	const error = await refusal(pull({ dataModelsDir: join(folder, "file", "models") }));
	expect([error.code, error.data.reason]).toEqual(["unavailable", "disk"]);
	expect(error.message).toContain(join(folder, "file", "models"));
	expect(requests).toEqual([]);
});

test("two pulls at once: one does the work, the other says that it waits for no one", async () => {
	const outcomes = await Promise.allSettled([pull(), pull()]);
	const refused = outcomes.flatMap((outcome) =>
		outcome.status === "rejected" && outcome.reason instanceof GlassworksError ? [outcome.reason.data.reason] : [],
	);
	expect(refused).toEqual(["busy"]);
	expect((await verifyModels(folders(), new AbortController().signal, [gfpgan()])).map((check) => check.state)).toEqual(["ok", "ok"]);
});

test("a file brought by hand is converted without a network and stays where it is", async () => {
	const fromFile = join(folder, "source.pth");
	await pull({ fromFile });
	expect(requests).toEqual([]);
	expect(sha256(await readFile(fromFile))).toBe(sha256(body));
});

test("a wrong or missing file brought by hand is refused and not deleted", async () => {
	const fromFile = join(folder, "other.pth");
	await writeFile(fromFile, "not it");
	expect((await refusal(pull({ fromFile }))).data.reason).toBe("wrong_digest");
	expect(existsSync(fromFile)).toBe(true);
	expect((await refusal(pull({ fromFile: join(folder, "absent.pth") }))).data.reason).toBe("disk");
});

test("weights of another network are refused by the names of their tensors and nothing is installed", async () => {
	body = await checkpointOf("decoder.weight");
	const error = await refusal(pull());
	expect(error.data).toMatchObject({ reason: "checkpoint_mismatch", missing: ["weight"], unexpected: ["decoder.weight"] });
	expect(await listModels(folders(), [gfpgan()])).toMatchObject([{ isInstalled: false }]);
});

test("CodeFormer is fetched only when its licence is accepted by name: the refusal says non-commercial, where to read it and what to add", async () => {
	const codeformer = offered("codeformer");
	const { code, message, data: reason } = await refusal(pull({}, codeformer));
	expect([code, reason]).toEqual(["invalid_request", { reason: "licence", licence: "s-lab", url: codeformer.terms?.url }]);
	expect(message).toMatch(/^CodeFormer.* S-Lab License 1\.0.* non-commercial .*https:.*LICENSE.*--accept-licence s-lab\.$/);
	expect((await refusal(pull({ acceptedLicence: "apache" }, codeformer))).data.reason).toBe("licence");
	expect([requests, existsSync(data())]).toEqual([[], false]);
	expect(await pull({ acceptedLicence: "s-lab" }, codeformer)).toMatchObject({ name: "codeformer", wasInstalled: false, isUsable: true });
	expect((await readdir(data("codeformer"))).sort()).toEqual(["codeformer.onnx", "codeformer.weights", "installed.json"]);
	expect(await listModels(folders(), [codeformer])).toMatchObject([{ name: "codeformer", isInstalled: true, terms: { id: "s-lab" } }]);
	const checks = await verifyModels(folders(), new AbortController().signal, [codeformer]);
	expect(checks.map(({ model, state }) => [model, state])).toEqual(Array(2).fill(["codeformer", "ok"]));
});

test("a CodeFormer download with the wrong digest is deleted", async () => {
	const right = offered("codeformer");
	body = Buffer.from(body.with(5000, 255));
	expect((await refusal(pull({ acceptedLicence: "s-lab" }, right))).data.reason).toBe("wrong_digest");
	expect(await readdir(data("codeformer"))).toEqual([]);
});

test("what is not converted is kept as it was fetched, and an uncertain digest needs the operator's word first", async () => {
	const uncertain = gfpgan({ name: "uncertain", convertsTo: null, isVerified: false, digest: { algorithm: "md5", hex: "0".repeat(32) } });
	expect((await refusal(pull({}, uncertain))).message).toContain("--allow-unverified");
	expect(requests).toEqual([]);
	const files = [{ path: "uncertain/GFPGANv1.4.pth" }];
	expect(await pull({ allowUnverified: true }, uncertain)).toMatchObject({ sourceSha256: sha256(body), files });
	expect((await refusal(pullModel("nothing", { ...folders(), fetch, signal: AbortSignal.abort(), onProgress() {} }))).code).toBe(
		"unknown_model",
	);
});
