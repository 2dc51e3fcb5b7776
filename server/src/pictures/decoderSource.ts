import { GlassworksError } from "../domain/errors.ts";
import type { Log } from "../domain/ports.ts";
import { type Decoder, startDecoder } from "./decoder.ts";

export interface DecoderSource {
	/** A child that is ready. @throws {GlassworksError} unavailable */
	start(): Promise<Decoder>;
	/** Ends those that are starting. */
	close(): Promise<void>;
}

const startupTimeoutMs = 30_000;

export function closedError(): GlassworksError {
	return new GlassworksError("unavailable", "The server is stopping. Try again shortly.");
}

/** Starts children whose memory is bounded to their own idle size plus the limit. The idle size is measured once, on a child that reads nothing. */
export function createDecoderSource(memoryLimitBytes: number, log: Log | undefined): DecoderSource {
	let idleBytes: Promise<number | null> | undefined;
	const starting = new Set<Decoder>();
	let isClosed = false;

	async function startReady(dataLimitBytes: number | undefined): Promise<{ decoder: Decoder; dataBytes: number | null }> {
		if (isClosed) throw closedError();
		const decoder = startDecoder(dataLimitBytes);
		starting.add(decoder);
		const timer = setTimeout(() => void decoder.kill(), startupTimeoutMs);
		try {
			const { head } = await decoder.ready;
			if (isClosed) await decoder.kill();
			return { decoder, dataBytes: head.kind === "ready" ? head.dataBytes : null };
		} catch (error) {
			if (!isClosed) log?.error({ reason: String(error) }, "picture process did not start");
			throw new GlassworksError("unavailable", "Pictures cannot be read right now. Try again shortly.");
		} finally {
			clearTimeout(timer);
			starting.delete(decoder);
		}
	}

	async function measureIdle(): Promise<number | null> {
		const { decoder, dataBytes } = await startReady(undefined);
		await decoder.kill();
		if (dataBytes === null) log?.warn({}, "this system does not bound the picture process's memory; only size and time limits apply");
		return dataBytes;
	}

	return {
		start: async () => {
			idleBytes ??= measureIdle();
			const idle = await idleBytes.catch((error: unknown) => {
				idleBytes = undefined;
				throw error;
			});
			const { decoder } = await startReady(idle === null ? undefined : idle + memoryLimitBytes);
			return decoder;
		},
		close: async () => {
			isClosed = true;
			await Promise.all([...starting].map((decoder) => decoder.kill()));
		},
	};
}
