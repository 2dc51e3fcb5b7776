/**
 * Plays recorded traffic of a real ComfyUI 0.33.0 (test/data/comfyui/transcripts) to a client that asks for something else: recorded ids,
 * client ids and file names are replaced by those of the request, all else is as it was. What the transcripts lack is derived and
 * said so: see player.ts. Files whose bytes were not recorded are answered with the one of transcript 01. It replays; it draws nothing.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Json, JsonObject } from "../../../../src/domain/json.ts";
import { createPlayer, type Play, type Player } from "./player.ts";
import type { RecordedRun } from "./recordedRun.ts";
import { answerRequest, type Reply } from "./routes.ts";
import type { Step } from "./script.ts";
import { createSockets } from "./sockets.ts";
import { readObjectInfo, readTranscript, recordedAnswer } from "./transcript.ts";

export interface ReplayOptions {
	/** The n-th accepted prompt plays the n-th; later ones the last. */
	runs: RecordedRun[];
	/** Changes what a run does: see script.ts. */
	script?(steps: Step[], run: RecordedRun): Step[];
	/** How fast: milliseconds that a recorded second takes. 0 (default): without waiting; 1000: as recorded. */
	msPerSecond?: number;
	/** Which ComfyUI: `0.33` (default), `0.8` without cancel of jobs, `0.3.64` without jobs. */
	version?: "0.33" | "0.8" | "0.3.64";
	/** What happens to a request, instead of or after being done. `count`: how often this method and path came, from 1. */
	fault?(request: Asked & { count: number }): Fault | undefined;
	/** Headers without which every request and socket is refused. */
	requires?: Record<string, string>;
	/** Added to every time that the server tells. */
	clockSkewMs?: number;
	objectInfo?: JsonObject;
	/** Port of a server that died; 0 (default): a free one. */
	port?: number;
}

/** A request as it came. */
export interface Asked {
	method: string;
	/** Without a leading slash and without the query. */
	path: string;
	query: URLSearchParams;
	body: Buffer;
	contentType: string;
}

/** `drop`: the connection is cut. `status`: answered with text, as ComfyUI and proxies do. `hang`: never answered. */
export type Fault = { does: boolean } & ({ then: "drop" | "hang" } | { then: "status"; status: number });

export interface ReplayServer {
	readonly url: string;
	/** Everything that was asked. */
	readonly asked: Asked[];
	/** Client ids of every socket so far. */
	clientIds(): string[];
	openSockets(): number;
	plays(): readonly Play[];
	/** Lets a run that holds go on. */
	release(): void;
	/** Resolves when a run takes a step of this kind. */
	reached(step: Step["do"]): Promise<void>;
	/** Somebody else's POST /interrupt, which stops whatever runs. */
	interruptAll(): void;
	/** Somebody else's prompt is queued. @returns its id */
	queueForeign(promptId: string): void;
	/** Sends a frame to every socket, as for prompts without a client id. */
	tellAll(frame: JsonObject): void;
	dropSockets(): void;
	deafen(): void;
	refuseSockets(isRefusing: boolean): void;
	/** As SIGKILL: connections are cut, queue and history are gone. */
	die(): Promise<void>;
	/** After die(): comes back at the same address, empty. */
	restart(): Promise<void>;
	setObjectInfo(objectInfo: JsonObject): void;
	close(): Promise<void>;
}

export async function startReplayServer(options: ReplayOptions): Promise<ReplayServer> {
	const info = readTranscript("17-info-endpoints");
	const asked: Asked[] = [];
	const counts = new Map<string, number>();
	const waiting: { step: Step["do"]; resolve(): void }[] = [];
	const uploads = new Map<string, Buffer>();
	let objectInfo = options.objectInfo ?? readObjectInfo();
	let player = newPlayer();
	let server: Server;
	let port = options.port ?? 0;

	const sockets = createSockets({
		greet(clientId) {
			const left = player.plays().filter(({ state }) => state !== "ended").length;
			const hello = { type: "status", data: { status: { exec_info: { queue_remaining: left } }, sid: clientId } };
			const running = player.plays().find(({ state, posted }) => state === "running" && posted.clientId === clientId);
			// Without the prompt's id, as recorded in 11 A.
			return running?.node ? [hello, { type: "executing", data: { node: running.node } }] : [hello];
		},
		flags: options.runs.some(({ hasFlags }) => hasFlags) ? (recordedAnswer(info, "/features") as JsonObject) : null,
	});

	function newPlayer(): Player {
		return createPlayer({
			runs: options.runs,
			script: options.script ?? ((steps) => steps),
			msPerSecond: options.msPerSecond ?? 0,
			clockSkewMs: options.clockSkewMs ?? 0,
			tell: (clientId, frame) => sockets.tell(clientId, frame),
			tellAll: (frame) => sockets.tellAll(frame),
			onStep(step) {
				if (step.do === "drop_sockets") sockets.dropAll();
				if (step.do === "deafen") sockets.deafen();
				for (const each of waiting.splice(0)) each.step === step.do ? each.resolve() : waiting.push(each);
			},
		});
	}

	function isAllowed(request: IncomingMessage): boolean {
		return Object.entries(options.requires ?? {}).every(([name, value]) => request.headers[name.toLowerCase()] === value);
	}

	async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const pieces: Buffer[] = [];
		for await (const piece of request) pieces.push(piece as Buffer);
		const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
		const call: Asked = {
			method: request.method ?? "GET",
			path: pathname.slice(1),
			query: searchParams,
			body: Buffer.concat(pieces),
			contentType: request.headers["content-type"] ?? "",
		};
		asked.push(call);
		const key = `${call.method} ${call.path}`;
		const count = (counts.get(key) ?? 0) + 1;
		counts.set(key, count);
		if (!isAllowed(request)) return send(response, { status: 401, text: "Unauthorized" });
		const fault = options.fault?.({ ...call, count });
		const reply = fault?.does === false ? null : await answerRequest(call, { ...options, player, info, objectInfo, uploads });
		if (fault?.then === "hang") return;
		if (fault?.then === "drop") return void response.socket?.destroy();
		if (fault?.then === "status")
			return send(response, { status: fault.status, text: "500 Internal Server Error\n\nServer got itself in trouble" });
		if (reply) send(response, reply);
	}

	async function listen(): Promise<void> {
		server = createServer((request, response) => {
			handle(request, response).catch(() => response.socket?.destroy());
		});
		server.on("upgrade", (request, socket, head) => (isAllowed(request) ? sockets.upgrade(request, socket, head) : socket.destroy()));
		await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
		port = (server.address() as AddressInfo).port;
	}

	async function stop(): Promise<void> {
		player.die();
		sockets.dropAll();
		server.closeAllConnections();
		await new Promise<void>((resolve) => server.close(() => resolve()));
	}

	await listen();
	return {
		get url() {
			return `http://127.0.0.1:${port}`;
		},
		asked,
		clientIds: sockets.seen,
		openSockets: sockets.open,
		plays: () => player.plays(),
		release: () => player.release(),
		reached: (step) => new Promise((resolve) => waiting.push({ step, resolve })),
		interruptAll: () => void player.interrupt(),
		queueForeign: (promptId) => void player.add({ promptId, clientId: "somebody-else", graph: {} }),
		tellAll: sockets.tellAll,
		dropSockets: sockets.dropAll,
		deafen: sockets.deafen,
		refuseSockets: sockets.refuse,
		die: stop,
		async restart() {
			player = newPlayer();
			await listen();
		},
		setObjectInfo(changed) {
			objectInfo = changed;
		},
		close: stop,
	};
}

function send(response: ServerResponse, { status, json, text, bytes }: Reply): void {
	const body = json === undefined ? (bytes ?? text ?? "") : JSON.stringify(json satisfies Json);
	response.writeHead(status, { "content-type": json === undefined ? "text/plain; charset=utf-8" : "application/json; charset=utf-8" });
	response.end(body);
}
