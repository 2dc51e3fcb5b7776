// Records what the real sidecar answers to the steps of the conformance suite: `node tools/node24.js server/test/engines/diffusers/replay/recordSidecar.ts`,
// where `.cache/venv` exists. Run it after a change of the sidecar's protocol or of the steps.
import { rm, writeFile } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { asObject } from "../../../../src/domain/json.ts";
import { createDiffusersEngine } from "../../../../src/engines/diffusers/engine.ts";
import { createPictureGate } from "../../../../src/pictures/gate.ts";
import { diffusersSteps } from "../../../conformance/subjects/diffusersSteps.ts";
import { buildTinyModels, type Sidecar, startSidecar } from "../../../support/diffusersSidecar.ts";
import { tinyRegistry } from "../tinyRegistry.ts";
import { jobKey, type RecordedJob, recordingFile, type SidecarRecording } from "./sidecarRecording.ts";

const context = { signal: new AbortController().signal, onProgress() {}, onPreview() {} };

/** Stands before a sidecar and writes down its jobs. */
async function startRecorder(sidecar: Sidecar) {
	const jobs = new Map<string, RecordedJob>();
	const server = http.createServer(async (request, response) => {
		const pieces: Buffer[] = [];
		for await (const piece of request) pieces.push(piece);
		const body = Buffer.concat(pieces);
		const { method = "GET", url = "/" } = request;
		const headers = { ...sidecar.headers, "content-type": "application/json" };
		const answer = await fetch(new URL(url, sidecar.url), { method, headers, ...(method === "POST" ? { body } : {}) });
		const [, , , id = "", part, n] = url.split("/");
		response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
		const told: Buffer[] = [];
		for await (const piece of answer.body ?? []) {
			told.push(Buffer.from(piece));
			response.write(piece);
		}
		response.end();
		const bytes = Buffer.concat(told);
		const job = jobs.get(id);
		if (method === "POST")
			jobs.set(JSON.parse(String(body)).id, {
				asked: jobKey(String(body)),
				status: answer.status,
				refusal: answer.status === 202 ? null : JSON.parse(String(bytes)),
				...{ events: [], outputs: [] },
			});
		else if (part === "events" && job) job.events = readBlocks(String(bytes));
		else if (part === "outputs" && job) job.outputs[Number(n)] = bytes.toString("base64");
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, jobs, close: () => server.close() };
}

/** Kept of the first job only: they make up most of the bytes. */
const isPreview = (block: string) => /^event: preview$/m.test(block);
const readBlocks = (text: string) => text.split(/\r?\n\r?\n/).filter((block) => /^data:/m.test(block));

const models = await buildTinyModels();
const sidecar = await startSidecar(models);
const recorder = await startRecorder(sidecar);
const pictures = createPictureGate();
const engine = createDiffusersEngine({ url: recorder.url, headers: sidecar.headers, pictures });
engine.learn?.(tinyRegistry);
try {
	const { samples, seeded, long, refused, tooLarge } = await diffusersSteps();
	for (const sample of [...samples, ...seeded]) await engine.run(sample, context);
	await engine.run(refused, context).catch(() => {});
	const stop = new AbortController();
	await engine.run(long, { ...context, signal: stop.signal, onProgress: () => stop.abort() }).catch(() => {});
	sidecar.limitGrowth(8 * 1024 * 1024);
	await engine.run(tooLarge, context).catch(() => {});
	sidecar.limitGrowth(null);
	const { headers } = sidecar;
	const capabilities = asObject(await (await fetch(`${sidecar.url}/v1/capabilities`, { headers })).json());
	const recorded = [...recorder.jobs.values()].map(({ events, ...job }, at) => ({
		...job,
		events: events.filter((event) => at === 0 || !isPreview(event)),
	}));
	const recording: SidecarRecording = { capabilities, jobs: recorded };
	await writeFile(recordingFile, `${JSON.stringify(recording, null, "\t")}\n`);
	for (const { asked, events } of recording.jobs) console.log(asked.slice(0, 90), events.at(-1)?.slice(0, 90));
} finally {
	await engine.close();
	await pictures.close();
	recorder.close();
	await sidecar.close();
	await rm(models, { recursive: true, force: true });
}
process.exit(0);
