import { GlassworksError } from "../domain/errors.ts";
import type { Log, Picture, PictureGate, PictureLimits } from "../domain/ports.ts";
import { type Decoder, DecoderDeath, type DecoderReply } from "./decoder.ts";
import { closedError, createDecoderSource } from "./decoderSource.ts";
import { type PictureReply, type PictureRequest, pictureRequest } from "./protocol.ts";
import { createTurns } from "./turns.ts";

export interface PictureGateOptions {
	/** Child processes, each one picture at a time. Started when first needed. */
	processes?: number;
	/** What one picture may take in its child, on top of the idle process (about 65 MB resident). Enforced by the kernel on Linux only. */
	memoryLimitBytes?: number;
	/** Bytes of the pictures that are being read or wait for it, together; one alone may have more. */
	maxHeldBytes?: number;
	/** How long one picture may take once its child has it. */
	timeoutMs?: number;
	log?: Log;
}

const defaults = { processes: 1, memoryLimitBytes: 512 * 1024 * 1024, maxHeldBytes: 512 * 1024 * 1024, timeoutMs: 20_000 };
const maxWaiting = 64;
/** `encode` takes pictures the platform made or admitted, so only absurd ones are refused. */
const encodeLimits: PictureLimits = { maxBytes: 256 * 1024 * 1024, maxPixels: 16_384 * 16_384 };

/** What the child made of a picture: as the port's, and of a mask where it is not 0. */
type Transcoded = Picture & Pick<Extract<PictureReply, { kind: "picture" }>, "extent">;

interface Slot {
	decoder: Decoder | undefined;
}

/** Reads pictures in child processes. Throws `unavailable` besides the port's errors: after `close`, and when 64 pictures, or too many bytes, are waiting already. */
export function createPictureGate(options: PictureGateOptions = {}): PictureGate {
	const { processes, memoryLimitBytes, maxHeldBytes, timeoutMs, log } = { ...defaults, ...options };
	const decoders = createDecoderSource(memoryLimitBytes, log);
	const slots = Array.from({ length: processes }, (): Slot => ({ decoder: undefined }));
	const turns = createTurns(slots, maxWaiting);
	let isClosed = false;
	let heldBytes = 0;

	async function run(request: PictureRequest, bytes: Uint8Array, maxBytes: number): Promise<Transcoded> {
		requireSize(bytes, maxBytes);
		if (isClosed) throw closedError();
		const turn = heldBytes > 0 && heldBytes + bytes.length > maxHeldBytes ? null : turns.take();
		if (!turn) throw new GlassworksError("unavailable", "Too many pictures are waiting to be read. Try again shortly.");
		heldBytes += bytes.length;
		try {
			const slot = await turn;
			try {
				return await attempt(slot, request, bytes, 2);
			} finally {
				turns.give(slot);
			}
		} finally {
			heldBytes -= bytes.length;
		}
	}

	async function attempt(slot: Slot, request: PictureRequest, bytes: Uint8Array, attemptsLeft: number): Promise<Transcoded> {
		if (isClosed) throw closedError();
		const decoder = slot.decoder?.isAlive() ? slot.decoder : await decoders.start();
		slot.decoder = decoder;
		if (isClosed) await decoder.kill();
		const outcome = await askWithin(timeoutMs, decoder, request, bytes);
		if (isClosed) throw closedError();
		if (!(outcome instanceof DecoderDeath)) return asPicture(outcome, decoder);
		log?.warn({ signal: outcome.signal, status: outcome.status }, "picture process ended while reading");
		// Nothing in a picture sends SIGKILL: an operator or the kernel, short of memory, did, so the picture gets one more chance.
		if (outcome.signal === "SIGKILL" && attemptsLeft > 1) return attempt(slot, request, bytes, attemptsLeft - 1);
		throw new GlassworksError("decode_limit", "Reading the picture took more memory than allowed.");
	}

	return {
		admit: (bytes, limits) => run({ kind: "admit", maxPixels: limits.maxPixels }, bytes, limits.maxBytes),
		encode: async (bytes, encodeOptions) =>
			run(checked({ ...encodeOptions, kind: "encode", maxPixels: encodeLimits.maxPixels }), bytes, encodeLimits.maxBytes),
		mask: async (bytes, maskRequest, { maxBytes, maxPixels }) => {
			const { extent, ...picture } = await run(checked({ ...maskRequest, kind: "mask", maxPixels }), bytes, maxBytes);
			if (!extent) throw new GlassworksError("internal", "The picture process answered out of turn.");
			return { picture, ...extent };
		},
		extend: (bytes, margins, { maxBytes, maxPixels }) => run(checked({ kind: "extend", maxPixels, margins }), bytes, maxBytes),
		cut: (bytes, part) => run(checked({ kind: "cut", maxPixels: encodeLimits.maxPixels, part }), bytes, encodeLimits.maxBytes),
		close: async () => {
			isClosed = true;
			turns.endWaiting(closedError());
			await Promise.all([decoders.close(), ...slots.map((slot) => slot.decoder?.kill())]);
		},
	};
}

/** @throws {GlassworksError} picture_too_large */
function requireSize({ length }: Uint8Array, maxBytes: number): void {
	if (length > maxBytes)
		throw new GlassworksError("picture_too_large", `The picture has more than ${maxBytes} bytes.`, { max: maxBytes, asked: length });
}

/** @throws {GlassworksError} invalid_request */
function checked(request: object): PictureRequest {
	const parsed = pictureRequest.safeParse(request);
	if (parsed.success) return parsed.data;
	const fields = parsed.error.issues.map((issue) => ({ path: issue.path.map(String), message: issue.message }));
	throw new GlassworksError("invalid_request", "The options are out of range.", {}, fields);
}

/** The reply, or how the child died. @throws {GlassworksError} decode_limit when it took too long; the child is gone then. */
async function askWithin(
	timeoutMs: number,
	decoder: Decoder,
	request: PictureRequest,
	bytes: Uint8Array,
): Promise<DecoderReply | DecoderDeath> {
	let isLate = false;
	const timer = setTimeout(() => {
		isLate = true;
		void decoder.kill();
	}, timeoutMs);
	try {
		return await decoder.ask(request, bytes);
	} catch (error) {
		if (isLate) throw new GlassworksError("decode_limit", "Reading the picture took more time than allowed.", { maxMs: timeoutMs });
		if (error instanceof DecoderDeath) return error;
		throw error;
	} finally {
		clearTimeout(timer);
	}
}

async function asPicture({ head, body }: DecoderReply, decoder: Decoder): Promise<Transcoded> {
	if (head.kind === "error") {
		// After a failed allocation the child may hold on to memory; a new one starts clean.
		if (head.code === "decode_limit") await decoder.kill();
		throw new GlassworksError(head.code, head.message, head.data);
	}
	if (head.kind !== "picture") throw new GlassworksError("internal", "The picture process answered out of turn.");
	const { kind: _kind, ...picture } = head;
	return { bytes: body, ...picture };
}
