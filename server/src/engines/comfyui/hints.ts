import { randomUUID } from "node:crypto";
import type { WebSocket } from "ws";
import type { Log } from "../../domain/ports.ts";
import { connect, opened, type SocketOptions } from "./connect.ts";
import { type Frame, readBinaryFrame, readTextFrame } from "./frames.ts";
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
	/** How often the server closed a connection, or it broke: whoever remembers something of the server compares it. */
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
	/** We close it: the server is not lost. */
	isClosing: boolean;
	isEnded: boolean;
}

export interface HintsOptions extends SocketOptions {
	timings: Pick<Timings, "socketOpenMs" | "pingMs" | "reconnectMs">;
	log: Log;
}

export function createHints(options: HintsOptions): Hints {
	let current: Epoch | null = null;
	let losses = 0;
	const onLost = () => {
		losses += 1;
	};

	/** Closes its socket once nobody needs it. */
	function settle(epoch: Epoch): void {
		if (epoch.listeners.size > 0 || (epoch === current && epoch.isWhole)) return;
		epoch.isEnded = true;
		closeSocket(epoch);
	}

	return {
		async listen(promptId, listener) {
			const older = current;
			const epoch = older?.isWhole && older.openSince !== null ? older : beginEpoch(options, onLost);
			current = epoch;
			epoch.listeners.set(promptId, listener);
			if (older && older !== epoch) settle(older);
			await opened(epoch.socket);
			return {
				clientId: epoch.clientId,
				openSince: () => epoch.openSince,
				reopen: () => closeSocket(epoch),
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

function closeSocket(epoch: Epoch): void {
	epoch.isClosing = true;
	epoch.socket.terminate();
}

function beginEpoch(options: HintsOptions, onLost: () => void): Epoch {
	const clientId = randomUUID();
	const blank = { openSince: null, isWhole: true, namesPreviews: false, playing: null, isClosing: false, isEnded: false };
	const epoch: Epoch = { clientId, listeners: new Map(), socket: connect(clientId, options), ...blank };
	attach(epoch, options, onLost);
	return epoch;
}

/** Hears an epoch's socket, and opens it again when it is lost while somebody listens. */
function attach(epoch: Epoch, options: HintsOptions, onLost: () => void): void {
	const { socket } = epoch;
	socket.on("open", () => {
		epoch.openSince = performance.now();
	});
	socket.on("message", (data, isBinary) => {
		const bytes = Buffer.isBuffer(data) ? data : Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)]);
		const frame = isBinary ? readBinaryFrame(bytes) : readTextFrame(bytes.toString("utf8"));
		if (frame) deliver(epoch, frame);
	});
	socket.on("error", (error) => options.log.info({ err: error }, "socket of ComfyUI failed"));
	socket.on("close", () => {
		epoch.openSince = null;
		epoch.isWhole = false;
		if (!epoch.isClosing) onLost();
		epoch.isClosing = false;
		for (const listener of epoch.listeners.values()) listener.onLost();
		// The old connection is closed by now, so the new one is not made deaf by it.
		setTimeout(() => {
			if (epoch.isEnded || epoch.listeners.size === 0) return;
			epoch.socket = connect(epoch.clientId, options);
			attach(epoch, options, onLost);
		}, options.timings.reconnectMs).unref();
	});
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
