import { createHash } from "node:crypto";
import { GlassworksError } from "../../domain/errors.ts";
import type { SidecarOutput, SidecarTimings } from "./client.ts";
import { refused, type SidecarHttp } from "./http.ts";
import { pause } from "./pause.ts";
import type { AnnouncedOutput } from "./wire.ts";

/** Fetches what a job made until it has the digest that was announced. @throws {GlassworksError} engine_down, cancelled */
export async function fetchOutput(
	http: SidecarHttp,
	jobId: string,
	announced: AnnouncedOutput,
	timings: SidecarTimings,
	signal: AbortSignal,
): Promise<SidecarOutput> {
	for (let failures = 0; ; failures++) {
		const content = await fetchOnce(http, `v1/jobs/${jobId}/outputs/${announced.n}`, announced.bytes, signal);
		if (content && createHash("sha256").update(content).digest("hex") === announced.sha256) return { ...announced, content };
		if (failures === timings.retries) {
			throw new GlassworksError("engine_down", "What the diffusers sidecar made does not arrive whole.");
		}
		await pause(timings.retryMs * 2 ** failures, signal);
	}
}

/** Null: not whole, worth another try. */
async function fetchOnce(http: SidecarHttp, path: string, bytes: number, signal: AbortSignal): Promise<Uint8Array | null> {
	const response = await http.request(path, { signal }).catch(() => null);
	if (!response || response.status >= 500) return null;
	if (response.status !== 200) throw await refused(response);
	const pieces: Uint8Array[] = [];
	let length = 0;
	try {
		for await (const piece of response.body ?? []) {
			length += piece.length;
			// More than announced is not it, however much more would come.
			if (length > bytes) break;
			pieces.push(piece);
		}
	} catch {
		return null;
	}
	return Buffer.concat(pieces);
}
