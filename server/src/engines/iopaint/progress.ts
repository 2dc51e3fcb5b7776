import { setTimeout as pause } from "node:timers/promises";
import { io, type Socket } from "socket.io-client";
import { z } from "zod";

export interface ProgressOptions {
	url: string;
	headers: Record<string, string>;
}

const progressEvent = z.object({ step: z.int() });

function connect({ url, headers }: ProgressOptions): Socket {
	const { origin, pathname } = new URL(url);
	return io(origin, {
		path: `${pathname.replace(/\/+$/, "")}/socket.io/`,
		extraHeaders: headers,
		forceNew: true,
		reconnection: false,
	});
}

/**
 * Tells each sampler step that is done, counted from 1, until the returned function is called. IOPaint tells everybody, without saying
 * whose request it is: ours, as it runs one at a time. Without a connection nothing is told.
 */
export function watchSteps(options: ProgressOptions, onStep: (step: number) => void): () => void {
	const socket = connect(options);
	socket.on("diffusion_progress", (event: unknown) => {
		const parsed = progressEvent.safeParse(event);
		if (parsed.success) onStep(parsed.data.step + 1);
	});
	return () => socket.disconnect();
}

/** Waits until a request that somebody else left behind ends: IOPaint says so, or is silent for `quietMs`, or cannot be reached. */
export async function waitUntilQuiet(options: ProgressOptions, quietMs: number, signal: AbortSignal): Promise<void> {
	const socket = connect(options);
	const ended = new AbortController();
	let heardAt = performance.now();
	for (const event of ["diffusion_finish", "connect_error", "disconnect"]) socket.on(event, () => ended.abort());
	socket.on("diffusion_progress", () => {
		heardAt = performance.now();
	});
	const either = AbortSignal.any([ended.signal, signal]);
	try {
		for (let left = quietMs; left > 0 && !either.aborted; left = heardAt + quietMs - performance.now()) {
			await pause(left, undefined, { signal: either }).catch(() => {});
		}
	} finally {
		socket.disconnect();
	}
}
