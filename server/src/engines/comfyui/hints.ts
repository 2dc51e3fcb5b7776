import { randomUUID } from "node:crypto";
import { WebSocket } from "ws";
import type { Log } from "../../domain/ports.ts";
import { type Frame, readBinaryFrame, readTextFrame } from "./frames.ts";
import { addressOf } from "./http.ts";
import type { Timings } from "./timings.ts";

export interface Listener {
	/** A frame of this prompt. */
	onFrame(frame: Frame): void;
	/** The socket closed: what happens until it is open again is not heard. */
	onLost(): void;
}

/** One prompt's ear on the socket. */
export interface Listening {
	/** What the prompt is to be posted with. */
	readonly clientId: string;
	/** Since when the connection is open, on performance.now()'s clock; null: it is not. */
	openSince(): number | null;
	/** Suspects that the socket is deaf: closes it and opens it again. */
	reopen(): void;
	/** Hears no more. */
	end(): void;
}

/** What the server says without being asked. Frames may be missing, late, doubled or out of order: nothing is true because a frame says it. */
export interface Hints {
	/** Hears what the server says of a prompt that is about to be posted. Waits for the socket to open, but not for long. Never rejects. */
	listen(promptId: string, listener: Listener): Promise<Listening>;
	/** How often a connection has been lost: whoever remembers something of the server compares it. */
	losses(): number;
	close(): void;
}

/**
 * A client id and its connection. ComfyUI (also its newest version) makes a socket deaf when an older one of the same client id closes
 * later. So a client id that was connected more than once is only listened to until its prompts end, and never used for another.
 */
interface Epoch {
	readonly clientId: string;
	readonly listeners: Map<string, Listener>;
	socket: WebSocket;
	/** On performance.now()'s clock; null: it is not open. */
	openSince: number | null;
	/** It was never lost. */
	isWhole: boolean;
	/** The server names the prompt of a preview. */
	namesPreviews: boolean;
	/** The prompt that executes, for previews without a name. */
	playing: string | null;
	isEnded: boolean;
}

export interface HintsOptions {
	url: string;
	headers: Record<string, string>;
	timings: Pick<Timings, "socketOpenMs" | "pingMs" | "reconnectMs">;
	log: Log;
}

/** Without it the server sends previews that do not say whose they are. It must be the first message. */
const featureFlags = JSON.stringify({ type: "feature_flags", data: { supports_preview_metadata: true } });

export function createHints({ url, headers, timings, log }: HintsOptions): Hints {
	let current: Epoch | null = null;
	let losses = 0;

	function connect(clientId: string): WebSocket {
		const address = addressOf(url, `ws?clientId=${clientId}`);
		address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
		const limits = { handshakeTimeout: timings.socketOpenMs, maxPayload: 64 * 1024 * 1024, perMessageDeflate: false };
		return new WebSocket(address, { headers, ...limits });
	}

	function attach(epoch: Epoch, socket: WebSocket): void {
		const stopPinging = keepAlive(socket, timings.pingMs);
		socket.on("open", () => {
			epoch.openSince = performance.now();
			socket.send(featureFlags);
		});
		socket.on("message", (data, isBinary) => {
			const bytes = Buffer.isBuffer(data) ? data : Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)]);
			const frame = isBinary ? readBinaryFrame(bytes) : readTextFrame(bytes.toString("utf8"));
			if (frame) deliver(epoch, frame);
		});
		socket.on("error", (error) => log.info({ err: error }, "socket of ComfyUI failed"));
		socket.on("close", () => {
			stopPinging();
			losses += 1;
			epoch.openSince = null;
			epoch.isWhole = false;
			for (const listener of epoch.listeners.values()) listener.onLost();
			// The old connection is closed by now, so this one is not made deaf by it.
			setTimeout(() => {
				if (epoch.isEnded || epoch.listeners.size === 0) return;
				epoch.socket = connect(epoch.clientId);
				attach(epoch, epoch.socket);
			}, timings.reconnectMs).unref();
		});
	}

	function begin(): Epoch {
		const clientId = randomUUID();
		const blank = { openSince: null, isWhole: true, namesPreviews: false, playing: null, isEnded: false };
		const epoch: Epoch = { clientId, listeners: new Map(), socket: connect(clientId), ...blank };
		attach(epoch, epoch.socket);
		return epoch;
	}

	/** Closes its socket once nobody needs it. */
	function settle(epoch: Epoch): void {
		if (epoch.listeners.size > 0 || (epoch === current && epoch.isWhole)) return;
		epoch.isEnded = true;
		epoch.socket.terminate();
	}

	return {
		async listen(promptId, listener) {
			const older = current;
			const epoch = older?.isWhole && older.openSince !== null ? older : begin();
			current = epoch;
			epoch.listeners.set(promptId, listener);
			if (older && older !== epoch) settle(older);
			await opened(epoch.socket);
			return {
				clientId: epoch.clientId,
				openSince: () => epoch.openSince,
				reopen: () => epoch.socket.terminate(),
				end() {
					epoch.listeners.delete(promptId);
					settle(epoch);
				},
			};
		},
		losses: () => losses,
		close() {
			if (!current) return;
			current.listeners.clear();
			current.isWhole = false;
			settle(current);
		},
	};
}

/** Gives a frame to the prompt it belongs to; frames of nobody's prompt also come, when somebody posts without a client id. */
function deliver(epoch: Epoch, frame: Frame): void {
	if (frame.kind === "event") {
		if (frame.type === "feature_flags") epoch.namesPreviews = frame.data.supports_preview_metadata === true;
		if (frame.type === "executing") epoch.playing = frame.data.node === null ? null : (frame.promptId ?? epoch.playing);
		if (frame.promptId !== null) epoch.listeners.get(frame.promptId)?.onFrame(frame);
		return;
	}
	const promptId = frame.promptId ?? (epoch.namesPreviews ? null : epoch.playing);
	if (promptId !== null) epoch.listeners.get(promptId)?.onFrame(frame);
}

/** Resolves when the socket is open or will not open. */
function opened(socket: WebSocket): Promise<void> {
	if (socket.readyState !== WebSocket.CONNECTING) return Promise.resolve();
	return new Promise((resolve) => {
		socket.once("open", () => resolve());
		socket.once("close", () => resolve());
	});
}

/** ComfyUI never pings, so a connection that a router forgot would stay open for ever. Returns the function that ends it. */
function keepAlive(socket: WebSocket, everyMs: number): () => void {
	let isAnswered = true;
	socket.on("pong", () => {
		isAnswered = true;
	});
	const timer = setInterval(() => {
		if (socket.readyState !== WebSocket.OPEN) return;
		if (!isAnswered) return socket.terminate();
		isAnswered = false;
		socket.ping();
	}, everyMs);
	timer.unref();
	return () => clearInterval(timer);
}
