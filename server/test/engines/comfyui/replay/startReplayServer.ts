/**
 * Plays recorded traffic of a real ComfyUI 0.33.0 (test/data/comfyui/transcripts) to a client that asks for something else: recorded ids,
 * client ids and file names are replaced by those of the request, all else is as it was. What the transcripts lack is derived and
 * said so: see answers.ts. Files whose bytes were not recorded are answered with the one of transcript 01. It replays; it draws nothing.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { JsonObject } from "../../../../src/domain/json.ts";
import { createExchange } from "./exchange.ts";
import type { Play } from "./play.ts";
import { createPlayer, queueStatus } from "./player.ts";
import type { RecordedRun } from "./recordedRun.ts";
import type { Backstage } from "./routes.ts";
import type { Step } from "./script.ts";
import { createSockets, type Sockets } from "./sockets.ts";
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

/** `does`: it is done all the same. `drop`: the connection is cut. `hang`: no answer. `status`: text, as ComfyUI and proxies answer with. */
export type Fault = { does: boolean } & ({ answer: "drop" | "hang" } | { answer: "status"; status: number });

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
	tellAll(frame: JsonObject | Buffer): void;
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
	const watched = createWatch();
	const sockets = createSockets({ greet: (clientId) => greet(clientId, backstage.player.plays()), flags: flagsFor(options.runs) });
	const newPlayer = preparePlayers(options, sockets, watched.onStep);
	const backstage: Backstage = {
		...options,
		player: newPlayer(),
		info: readTranscript("17-info-endpoints"),
		objectInfo: options.objectInfo ?? readObjectInfo(),
		uploads: new Map(),
	};
	const asked: Asked[] = [];
	const exchange = createExchange(options, backstage, asked);
	const { address, listen, stop } = createListener(options.port ?? 0, exchange.handle, (request, socket, head) => {
		if (exchange.isAllowed(request)) sockets.upgrade(request, socket, head);
		else socket.destroy();
	});
	const die = async () => {
		backstage.player.die();
		sockets.dropAll();
		await stop();
	};
	await listen();
	return {
		get url() {
			return address();
		},
		asked,
		clientIds: sockets.seen,
		openSockets: sockets.open,
		plays: () => backstage.player.plays(),
		release: () => backstage.player.release(),
		reached: watched.reached,
		interruptAll: () => void backstage.player.interrupt(),
		queueForeign: (promptId) => void backstage.player.add({ promptId, clientId: "somebody-else", graph: {} }),
		tellAll: sockets.tellAll,
		dropSockets: sockets.dropAll,
		deafen: sockets.deafen,
		refuseSockets: sockets.refuse,
		die,
		async restart() {
			backstage.player = newPlayer();
			await listen();
		},
		setObjectInfo(changed) {
			backstage.objectInfo = changed;
		},
		close: die,
	};
}

/** What a socket is told when it opens: the queue's length, and in the middle of its run the node, without the prompt's id (11 A). */
function greet(clientId: string, plays: readonly Play[]): JsonObject[] {
	const status = queueStatus(plays);
	const hello = { ...status, data: { ...(status.data as JsonObject), sid: clientId } };
	const running = plays.find(({ state, posted }) => state === "running" && posted.clientId === clientId);
	return running?.node ? [hello, { type: "executing", data: { node: running.node } }] : [hello];
}

/** A server recorded without feature flags plays one that does not know them: its previews name no prompt. */
function flagsFor(runs: RecordedRun[]): JsonObject | null {
	if (!runs.some(({ hasFlags }) => hasFlags)) return null;
	return recordedAnswer(readTranscript("17-info-endpoints"), "/features") as JsonObject;
}

/** Players one after another, before and after restarts, that share the list of runs. */
function preparePlayers(options: ReplayOptions, sockets: Sockets, onStep: (step: Step) => void) {
	let accepted = 0;
	return () =>
		createPlayer({
			nextRun() {
				const run = options.runs[Math.min(accepted, options.runs.length - 1)];
				if (!run) throw new Error("the replay was given no runs");
				accepted += 1;
				return run;
			},
			script: options.script ?? ((steps) => steps),
			msPerSecond: options.msPerSecond ?? 0,
			clockSkewMs: options.clockSkewMs ?? 0,
			tell: sockets.tell,
			tellAll: sockets.tellAll,
			onStep(step) {
				if (step.do === "drop_sockets") sockets.dropAll();
				if (step.do === "deafen") sockets.deafen();
				onStep(step);
			},
		});
}

function createWatch(): { onStep(step: Step): void; reached: ReplayServer["reached"] } {
	const waiting: { step: Step["do"]; resolve(): void }[] = [];
	return {
		onStep(step) {
			for (const each of waiting.splice(0)) {
				if (each.step === step.do) each.resolve();
				else waiting.push(each);
			}
		},
		reached: (step) => new Promise((resolve) => waiting.push({ step, resolve })),
	};
}

/** A listener that can be closed and come back at the same port. */
function createListener(
	wantedPort: number,
	handle: (request: IncomingMessage, response: ServerResponse) => void,
	upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
) {
	let port = wantedPort;
	let server: Server;
	return {
		address: () => `http://127.0.0.1:${port}`,
		async listen() {
			server = createServer(handle);
			server.on("upgrade", upgrade);
			await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
			port = (server.address() as AddressInfo).port;
		},
		async stop() {
			server.closeAllConnections();
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
}
