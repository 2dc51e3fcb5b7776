import { emptyRegistry, type ModelRegistry } from "../../domain/engines/registry.ts";
import { stepCancelled } from "../../domain/errors.ts";
import type { Engine, Log, PictureGate, StepContext, StepOutput, StepRequest } from "../../domain/ports.ts";
import { createMachineLock, orAborted, type Turn } from "./machineLock.ts";
import { capabilitiesOf, listOffers, type Use } from "./offers.ts";
import { waitUntilQuiet } from "./progress.ts";
import type { Memory } from "./runInpaint.ts";
import { type RunPorts, runStep } from "./runStep.ts";
import { openServer } from "./server.ts";
import type { ServerConfig } from "./serverConfig.ts";
import { openWire, type Wire } from "./wire.ts";

export interface IopaintTimings {
	/** For answers that need no network. The first look at a new checkpoint takes IOPaint a while. */
	lookTimeoutMs: number;
	/** For one request that loads or runs a network. */
	requestTimeoutMs: number;
	/** How often a taken lock of another process is tried again. */
	lockPollMs: number;
	/** How long IOPaint must be silent before a request that a dead process left behind counts as ended. */
	quietMs: number;
}

export interface IopaintEngineOptions {
	url: string;
	/** Sent with every request, for a server behind a proxy that asks who we are: IOPaint itself asks nobody. */
	headers?: Record<string, string>;
	log: Log;
	/** Reads what IOPaint answers. */
	pictures: PictureGate;
	/** Folder of the lock; every worker that uses this IOPaint must name the same. Left out: one in the machine's temporary folder. */
	lockDir?: string;
	/**
	 * Use its ControlNets, and no PowerPaint: one IOPaint cannot do both. Their files must be installed; a request for one that is not leaves
	 * IOPaint unable to load a prompt model until it is started again.
	 */
	controlNets?: boolean;
	timings?: Partial<IopaintTimings>;
}

const usualTimings: IopaintTimings = { lookTimeoutMs: 30_000, requestTimeoutMs: 1_800_000, lockPollMs: 200, quietMs: 20_000 };

/**
 * Runs inpaint, upscale and restore_faces on an IOPaint 1.6 server. It has no lock inside, and requests that run at once can get each
 * other's pixels: one at a time is sent, by all processes of this machine together.
 */
export function createIopaintEngine(options: IopaintEngineOptions): Engine {
	const { url, headers = {}, log, pictures } = options;
	const timings = { ...usualTimings, ...options.timings };
	const wire = openWire({ url, headers, log, ...timings });
	const reader = openServer(wire, log);
	const lock = createMachineLock(url, options.lockDir ?? null, timings.lockPollMs);
	const memory: Memory = { powerPaintMissing: false, controlNetMissing: false, powerPaintSure: false };
	let registry: ModelRegistry = emptyRegistry;
	const use = (): Use => ({
		controlNets: (options.controlNets ?? false) && !memory.controlNetMissing,
		powerPaintMissing: memory.powerPaintMissing,
	});

	/** Waits for what an earlier process may have left running, then runs the step. */
	async function runInTurn(turn: Turn, request: StepRequest, context: StepContext): Promise<StepOutput> {
		const { signal } = context;
		if (turn.unfinishedSince !== null) {
			memory.powerPaintSure = false;
			if (Date.now() - turn.unfinishedSince < timings.requestTimeoutMs) await waitUntilQuiet({ url, headers }, timings.quietMs, signal);
			if (signal.aborted) throw stepCancelled();
			turn.end();
		}
		const server = openServer(markRequests(wire, turn), log);
		const config = await server.readConfig();
		if (signal.aborted) throw stepCancelled();
		const ports: RunPorts = { server, config, registry, use, memory, pictures, log, progress: { url, headers } };
		const output = await runStep(request, ports, context);
		if (!signal.aborted) context.onProgress({ fraction: 1 });
		return output;
	}

	return {
		name: "iopaint",
		slots: 1,
		learn(names) {
			registry = names;
		},
		capabilities: async () => capabilitiesOf(await reader.readConfig(), registry, use()),
		async status() {
			const [config, model] = [await reader.readConfig(), await reader.readModel()];
			const loaded = listOffers(config, registry, use()).find(({ info }) => info.name === model);
			return {
				...{ version: null, device: null, vramTotalBytes: null, vramFreeBytes: null, queued: null },
				loadedModel: loaded?.name ?? null,
				missing: missingModels(config, registry),
			};
		},
		async run(request, context) {
			const turn = await lock.take(context.signal);
			const work = runInTurn(turn, request, context).finally(() => turn.release());
			// IOPaint cannot be stopped: after a cancel the answer is dropped, and the turn lasts until it came.
			work.catch(() => {});
			return orAborted(work, context.signal);
		},
		close: () => wire.close(),
	};
}

/** Leaves word of each request for the case that this process does not see its end. */
function markRequests(wire: Wire, turn: Turn): Wire {
	return {
		...wire,
		async post(path, body) {
			turn.begin();
			const answer = await wire.post(path, body);
			turn.end();
			return answer;
		},
	};
}

/** Models of ours whose name there is not installed. */
function missingModels({ modelInfos }: ServerConfig, { models }: ModelRegistry): { name: string; files: string[] }[] {
	const installed = new Set(modelInfos.map(({ name }) => name));
	return models.flatMap(({ name, steps, recipe }) =>
		recipe.iopaint !== null && steps.includes("inpaint") && !installed.has(recipe.iopaint) ? [{ name, files: [recipe.iopaint] }] : [],
	);
}
