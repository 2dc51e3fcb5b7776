import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Image, Job } from "@glassworks/sdk";
import type { CliDeps } from "../../src/cli/deps.ts";
import { explainFailure } from "../../src/cli/failure.ts";
import { createProgram } from "../../src/cli/program.ts";
import { createTerminal } from "../../src/cli/terminal.ts";
import { readConfig } from "../../src/config.ts";

export function image(n: number, more: Partial<Image> = {}): Image {
	return {
		n,
		status: "succeeded",
		seed: 7 + n,
		url: `/pictures/${n}`,
		thumbnail_url: null,
		original_url: null,
		width: 8,
		height: 8,
		media_type: "image/png",
		bytes: 3,
		step: null,
		progress: 1,
		skipped: [],
		degraded: [],
		understood_as: null,
		understood_score: null,
		color_applied: null,
		notice: null,
		recipe: null,
		starred: false,
		expires_at: null,
		deleted_at: null,
		error: null,
		...more,
	};
}

export function job(more: Partial<Job> = {}): Job {
	return {
		id: "job_1",
		object: "job",
		status: "succeeded",
		workflow: "picture",
		model: "embedded",
		created_at: "2030-01-01T00:00:00Z",
		run_after: null,
		started_at: null,
		finished_at: null,
		waiting: null,
		progress: 0,
		quote: { lines: [], total_micro_usd: 0, skipped: [], would_wait: [], cached: false, cached_from: null },
		charged_micro_usd: 0,
		bill: { lines: [], total_micro_usd: 0, refunded: [], final: false, cached: false, cached_from: null },
		request: {},
		metadata: {},
		images: [image(0)],
		error: null,
		links: { self: "", events: "", cancel: "" },
		...more,
	};
}

export interface ScriptedApi {
	url: string;
	/** `METHOD path` with the body where there was one, in order. */
	requests: { line: string; body: unknown }[];
	/** What a job request is answered with, and what the job later is. */
	accepted: Job;
	ended: Job;
	/** Answers of other routes, by `METHOD path`. */
	answers: Record<string, { status: number; body: unknown }>;
	close(): Promise<void>;
}

/** The few routes that the command line uses, answered as the contract says, with jobs that a test has written. */
export async function startScriptedApi(): Promise<ScriptedApi> {
	const api: ScriptedApi = { url: "", requests: [], accepted: job({ status: "queued" }), ended: job(), answers: {}, close };
	const server = http.createServer(async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const text = Buffer.concat(chunks).toString();
		const line = `${request.method} ${request.url}`;
		api.requests.push({ line, body: text.startsWith("{") ? JSON.parse(text) : text });
		if (line.startsWith("GET /pictures/")) return response.writeHead(200, { "content-type": "image/png" }).end(Buffer.from([1, 2, 3]));
		// An event stream on which nothing happens.
		if (/^GET \/api\/v1\/jobs\/job_1\/events/.test(line))
			return response.writeHead(200, { "content-type": "text/event-stream" }).write(": here\n\n");
		const { status, body } = answerTo(line);
		response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	api.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	return api;

	function answerTo(line: string): { status: number; body: unknown } {
		const scripted = api.answers[line];
		if (scripted) return scripted;
		if (line === "POST /api/v1/generations") return { status: 202, body: api.accepted };
		if (line === "GET /api/v1/jobs/job_1") return { status: 200, body: api.ended };
		return { status: 404, body: { code: "not_found", detail: `nothing at ${line}` } };
	}

	async function close(): Promise<void> {
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	}
}

/** Runs the command line in this process. `interrupt` is a Ctrl-C. */
export function runCli(argv: string[], environment: Record<string, string>, more: Partial<CliDeps> = {}) {
	const text = { out: "", err: "" };
	const keep = (stream: keyof typeof text) => (chunk: string) => {
		text[stream] += chunk;
		return true;
	};
	const stop = new AbortController();
	const refuse = async (): Promise<never> => {
		throw new Error("this command must not start the platform");
	};
	const deps: CliDeps = {
		readConfig: () => readConfig(environment),
		startApp: refuse,
		openPorts: refuse,
		terminal: createTerminal({
			out: { write: keep("out") },
			err: { write: keep("err"), isTTY: false, columns: 80 },
		}),
		screen: { isLive: false, columns: 80, rows: 24, open() {}, draw() {}, close() {} },
		stop: { signal: stop.signal, exitCode: 130, takeOver() {} },
		...more,
	};
	const program = createProgram(deps, "1.2.3");
	for (const command of [program, ...program.commands, ...program.commands.flatMap((entry) => entry.commands)])
		command.configureOutput({ writeOut: keep("out"), writeErr: keep("err") });
	const exitCode = program.parseAsync(argv, { from: "user" }).then(
		() => 0,
		(error: unknown) => {
			const explained = explainFailure(error);
			for (const line of explained.lines) deps.terminal.tell(line);
			return explained.exitCode;
		},
	);
	return { text, exitCode, interrupt: () => stop.abort() };
}
