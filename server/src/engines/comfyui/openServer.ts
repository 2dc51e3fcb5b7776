import type { Log, PictureGate } from "../../domain/ports.ts";
import { type Catalogue, createCatalogue } from "./catalogue.ts";
import { createHealth, type Health } from "./health.ts";
import { createHints, type Hints } from "./hints.ts";
import { type ComfyHttp, createHttp } from "./http.ts";
import { createLeftBehind, type LeftBehind } from "./leftBehind.ts";
import { createLook, type Look } from "./look.ts";
import { createStop, type Stop } from "./stop.ts";
import { defaultTimings, type Timings } from "./timings.ts";

export interface ComfyEngineOptions {
	/** The server's address, with a path when it lies behind one: `http://127.0.0.1:8188`. */
	url: string;
	/** Sent with every request and with the socket, as `authorization` for a server behind a guard. */
	headers?: Record<string, string>;
	log: Log;
	/** Checks what the server made and drops its metadata. */
	pictures: PictureGate;
	/** Instead of `defaultTimings`. */
	timings?: Partial<Timings>;
}

/** One ComfyUI server and everything that is known and remembered of it. */
export interface ComfyServer {
	http: ComfyHttp;
	hints: Hints;
	look: Look;
	stop: Stop;
	health: Health;
	catalogue: Catalogue;
	leftBehind: LeftBehind;
	pictures: PictureGate;
	log: Log;
	timings: Timings;
}

export function openServer({ url, headers = {}, log, pictures, ...options }: ComfyEngineOptions): ComfyServer {
	const timings = { ...defaultTimings, ...options.timings };
	const http = createHttp({ url, headers, requestMs: timings.requestMs });
	const hints = createHints({ url, headers, timings, log });
	const look = createLook(http);
	const stop = createStop(http, look, timings);
	const health = createHealth(look, timings);
	const catalogue = createCatalogue(http, hints.losses, timings.catalogueMs);
	return { http, hints, look, stop, health, catalogue, leftBehind: createLeftBehind(stop, health), pictures, log, timings };
}
