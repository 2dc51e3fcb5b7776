import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { GlassworksError, stepCancelled } from "../../domain/errors.ts";
import type { JsonObject } from "../../domain/json.ts";
import { fetchOutput } from "./fetchOutput.ts";
import { followJob, type JobWatch } from "./followJob.ts";
import { createHttp, refused, type SidecarHttp, unreachable } from "./http.ts";
import { pause } from "./pause.ts";
import { type AnnouncedOutput, type SidecarCapabilities, sidecarCapabilities, submitted } from "./wire.ts";

export interface SidecarTimings {
	/** For answers that need no network. */
	lookMs: number;
	/** Pause before a request whose answer was lost is sent again; doubled each time. */
	retryMs: number;
	/** Times in a row. */
	retries: number;
	/** A stream of events that says nothing for longer is dead: the sidecar shows that it lives every 5 s. */
	silenceMs: number;
	/** How long the device may be busy with others before we give up. */
	busyMs: number;
	/** How long a cancelled job may take to its end before we stop watching. */
	cancelMs: number;
}

export const usualTimings: SidecarTimings = {
	lookMs: 10_000,
	retryMs: 250,
	retries: 5,
	silenceMs: 20_000,
	busyMs: 3_600_000,
	cancelMs: 30_000,
};

export interface SidecarOutput extends AnnouncedOutput {
	content: Uint8Array;
}

export interface SidecarResult {
	outputs: SidecarOutput[];
	/** What the sidecar says of the run. */
	facts: JsonObject;
}

/** The sidecar's protocol (sidecars/diffusers/README.md). */
export interface SidecarClient {
	/** @throws {GlassworksError} engine_down */
	capabilities(): Promise<SidecarCapabilities>;
	/** Runs a job (without its id) to its end; waits while the device is busy. @throws {GlassworksError} what an engine throws */
	run(job: JsonObject, watch: JobWatch, signal: AbortSignal): Promise<SidecarResult>;
	/**
	 * The same for a job that lasts: all attempts at `name` share its ids, so that one joins what an earlier one, whose worker died, left
	 * running. What ended badly or was stopped by somebody else is begun anew, and goes on from its checkpoint.
	 */
	runNamed(name: string, job: JsonObject, watch: JobWatch, signal: AbortSignal): Promise<SidecarResult>;
	/** Puts a LoRA there unless it is there already. @throws {GlassworksError} engine_invalid, engine_down, and whatever `read` throws */
	giveLora(sha256: string, read: () => Promise<Uint8Array>, signal: AbortSignal): Promise<void>;
}

/** How often a named job is begun anew within one attempt. */
const mostBeginnings = 100;

export function createSidecarClient(url: string, headers: Record<string, string>, timings: SidecarTimings): SidecarClient {
	const http = createHttp(url, headers);

	const stop = (id: string) =>
		http.request(`v1/jobs/${id}`, { method: "DELETE", signal: AbortSignal.timeout(timings.lookMs) }).catch(() => undefined);

	async function runAs(id: string, job: JsonObject, watch: JobWatch, signal: AbortSignal): Promise<SidecarResult | null> {
		if (signal.aborted) throw stepCancelled();
		// An aborted request may have arrived, so even then the job is stopped by its id.
		const stopped = Promise.withResolvers<unknown>();
		const onAbort = () => stopped.resolve(stop(id));
		signal.addEventListener("abort", onAbort, { once: true });
		try {
			if ((await submit(http, JSON.stringify({ ...job, id }), timings, signal)) === "failed") return null;
			const end = await followJob({ http, id, watch, signal, timings });
			const outputs = await Promise.all(end.outputs.map((each) => fetchOutput(http, id, each, timings, signal)));
			return { outputs, facts: end.facts };
		} catch (error) {
			if (signal.aborted) await stopped.promise;
			throw error;
		} finally {
			signal.removeEventListener("abort", onAbort);
		}
	}

	return {
		async capabilities() {
			const said = sidecarCapabilities.safeParse(await http.getJson("v1/capabilities", timings.lookMs));
			if (said.success) return said.data;
			throw new GlassworksError("engine_down", "What answers is not the diffusers sidecar, or one of another version.");
		},
		async run(job, watch, signal) {
			return (await runAs(randomUUID(), job, watch, signal)) ?? unreachable();
		},
		async runNamed(name, job, watch, signal) {
			for (let beginning = 0; beginning < mostBeginnings; beginning++) {
				const result = await runAs(`${name}-${beginning}`, job, watch, signal).catch((error: unknown) => {
					if (!signal.aborted && error instanceof GlassworksError && error.code === "cancelled") return null;
					throw error;
				});
				if (result) return result;
			}
			return unreachable();
		},
		giveLora: (sha256, read, signal) => giveLora(http, sha256, read, signal),
	};
}

/** The id makes it safe to send again what may have arrived. */
async function submit(
	http: SidecarHttp,
	body: string,
	timings: SidecarTimings,
	signal: AbortSignal,
): Promise<z.infer<typeof submitted>["state"]> {
	const init = { method: "POST", body, signal, headers: { "content-type": "application/json" } };
	const givenUpAt = Date.now() + timings.busyMs;
	for (let failures = 0; ; ) {
		const response = await http.request("v1/jobs", init).catch(() => null);
		if (signal.aborted) throw stepCancelled();
		if (response?.status === 202) return submitted.parse(await response.json()).state;
		if (response?.status === 429 && Date.now() < givenUpAt) {
			await response.body?.cancel();
			await pause(Number(response.headers.get("retry-after") ?? 1) * 1000, signal);
			continue;
		}
		if (response && response.status < 500) throw await refused(response);
		if (++failures > timings.retries) throw response ? await refused(response) : unreachable();
		await pause(timings.retryMs * 2 ** (failures - 1), signal);
	}
}

async function giveLora(http: SidecarHttp, sha256: string, read: () => Promise<Uint8Array>, signal: AbortSignal): Promise<void> {
	const path = `v1/loras/${sha256}`;
	const known = await http.request(path, { signal }).catch(unreachable);
	await known.body?.cancel();
	if (known.status === 200) return;
	const body = new Uint8Array(await read());
	const put = await http.request(path, { method: "PUT", body, signal }).catch(unreachable);
	if (put.status !== 201) throw await refused(put);
	await put.body?.cancel();
}
