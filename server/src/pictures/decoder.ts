import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import path from "node:path";
import { type PictureReply, type PictureRequest, pictureReply, readFrames, writeFrame } from "./protocol.ts";

const maxReplyBytes = 1024 * 1024 * 1024;
const javaScriptHeapMb = 256;

/** How a child ended: by which signal, or with which exit status. */
export class DecoderDeath extends Error {
	readonly signal: NodeJS.Signals | null;
	readonly status: number | null;
	constructor(signal: NodeJS.Signals | null, status: number | null) {
		super(`the picture process ended (${signal ?? status})`);
		this.signal = signal;
		this.status = status;
	}
}

export interface DecoderReply {
	head: PictureReply;
	body: Buffer;
}

/** One child process. It takes one request at a time; once dead it stays dead. */
export interface Decoder {
	/** Its first message. */
	readonly ready: Promise<DecoderReply>;
	isAlive(): boolean;
	/** @throws {DecoderDeath} */
	ask(request: PictureRequest, bytes: Uint8Array): Promise<DecoderReply>;
	/** Returns when the process is gone. */
	kill(): Promise<void>;
}

/** Starts a child whose private memory the kernel bounds to `dataLimitBytes` in all, Node's own included; undefined leaves it unbounded. */
export function startDecoder(dataLimitBytes: number | undefined): Decoder {
	const child = spawnChild(dataLimitBytes);
	let pending: PromiseWithResolvers<DecoderReply> | undefined;
	let death: DecoderDeath | undefined;
	const gone = Promise.withResolvers<void>();
	const next = () => {
		pending = Promise.withResolvers<DecoderReply>();
		if (death) pending.reject(death);
		return pending.promise;
	};
	const die = (signal: NodeJS.Signals | null, status: number | null) => {
		death ??= new DecoderDeath(signal, status);
		pending?.reject(death);
		gone.resolve();
	};
	child.on("exit", (status, signal) => die(signal, status));
	child.on("error", () => die(null, null));
	// A write to a child that just died fails too; its exit tells the story.
	child.stdin?.on("error", () => {});
	child.stdout?.on("error", () => {});
	const onFrame = (head: unknown, body: Buffer) => pending?.resolve({ head: pictureReply.parse(head), body });
	if (child.stdout) readFrames(child.stdout, maxReplyBytes, onFrame, () => child.kill("SIGKILL"));
	letParentExit(child);
	return {
		ready: next(),
		isAlive: () => death === undefined,
		ask: (request, bytes) => {
			const reply = next();
			if (child.stdin && !death) writeFrame(child.stdin, request, bytes);
			return reply;
		},
		kill: () => {
			child.ref();
			child.kill("SIGKILL");
			return gone.promise;
		},
	};
}

function spawnChild(dataLimitBytes: number | undefined): ChildProcess {
	// Beside this file, with its extension: .ts as we run it, .js once built.
	const script = path.join(import.meta.dirname, `child${path.extname(import.meta.filename)}`);
	const node = [process.execPath, `--max-old-space-size=${javaScriptHeapMb}`, "--expose-gc", "--no-warnings", script];
	const options = {
		stdio: ["pipe", "pipe", "ignore"] as ["pipe", "pipe", "ignore"],
		// Nothing of ours: no key or database address may be in reach of a decoder. Pixels never go to a temporary file, and freed memory goes back at once.
		env: {
			VIPS_DISC_THRESHOLD: "1000g",
			MALLOC_ARENA_MAX: "2",
			MALLOC_MMAP_THRESHOLD_: "131072",
			MALLOC_TRIM_THRESHOLD_: "131072",
			UV_THREADPOOL_SIZE: "2",
		},
	};
	if (process.platform === "win32") return spawn(process.execPath, node.slice(1), options);
	const memory = dataLimitBytes === undefined ? "" : `ulimit -d ${Math.ceil(dataLimitBytes / 1024)};`;
	return spawn("/bin/sh", ["-c", `ulimit -c 0; ulimit -f 0; ${memory} exec "$0" "$@"`, ...node], options);
}

/** An idle child must not keep the server's process alive; a running request's timer does. */
function letParentExit(child: ChildProcess): void {
	child.unref();
	for (const stream of [child.stdin, child.stdout]) if (stream instanceof Socket) stream.unref();
}
