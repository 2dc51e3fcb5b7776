import type { GlassworksError } from "../domain/errors.ts";
import type { TaskSource, Work, WorkerTerms } from "../domain/jobs/taskSource.ts";
import type { Engine, Log } from "../domain/ports.ts";
import { type Capabilities, discoverCapabilities } from "./capabilities.ts";
import { isDismissed } from "./failure.ts";
import { pause, reconnectMs } from "./pause.ts";
import { type RunningTask, runTask, type TaskPorts } from "./runTask.ts";

export interface WorkerOptions {
	source: TaskSource;
	/** Of several that offer a capability the least busy runs it, else the first. They stay open when the worker stops. */
	engines: readonly Engine[];
	/** Tasks it runs at once, per pool. Default: as many as its engines run together. */
	slots?: number;
	log: Log;
	/** Default: 15 minutes. */
	stepTimeoutMs?: number;
	/** How long an engine may take to obey a stop. Default: 10 s. */
	abandonMs?: number;
}

export interface WorkerHandle {
	/** No step is running. */
	readonly idle: boolean;
	/** Resolves when the server has taken the worker in; null when it stopped before. */
	readonly welcomed: Promise<WorkerTerms | null>;
	/** Resolves when the worker has stopped for good: null when asked to, else why the server dismissed it. */
	readonly ended: Promise<GlassworksError | null>;
	/** Claims nothing more, lets running steps finish for `graceMs`, then gives back the rest. */
	stop(graceMs: number): Promise<void>;
}

const claimWaitMs = 20_000;
/** A stopping worker waits this long for the answer to its last hello. */
const presentWaitMs = 1_000;

/** Claims tasks and runs them until stopped. Survives a server that goes away: it asks again with backoff. */
export function startWorker(options: WorkerOptions): WorkerHandle {
	const worker: State = {
		options,
		slots:
			options.slots ??
			Math.max(
				1,
				Math.min(
					64,
					options.engines.reduce((sum, engine) => sum + engine.slots, 0),
				),
			),
		capabilities: discoverCapabilities(options.engines, options.log),
		leaving: new AbortController(),
		gone: new AbortController(),
		tasks: new Set(),
		loadedModel: null,
		dismissal: null,
		dismiss(error) {
			if (worker.dismissal || worker.gone.signal.aborted) return;
			worker.dismissal = error;
			options.log.error({ code: error.code }, `the server dismissed this worker: ${error.message}`);
			void stop(0);
		},
	};
	const welcome = Promise.withResolvers<WorkerTerms | null>();
	const unsubscribe = options.source.onStop((taskId) => {
		for (const task of worker.tasks) if (task.work.lease.taskId === taskId) task.check();
	});
	const present = stayPresent(worker, welcome.resolve);
	const claiming = welcome.promise.then((terms) => (terms ? Promise.all(terms.pools.map((pool) => claimFrom(pool, worker, terms))) : []));
	const ended = Promise.withResolvers<GlassworksError | null>();
	let stopping: Promise<void> | null = null;
	function stop(graceMs: number): Promise<void> {
		stopping ??= leave(graceMs);
		return stopping;
	}

	async function leave(graceMs: number): Promise<void> {
		worker.leaving.abort();
		welcome.resolve(null);
		const drained = claiming.then(() => Promise.all([...worker.tasks].map((task) => task.ended)));
		await Promise.race([drained, pause(graceMs)]);
		for (const task of worker.tasks) task.release();
		await drained;
		worker.gone.abort();
		unsubscribe();
		await Promise.race([present, pause(presentWaitMs)]);
		ended.resolve(worker.dismissal);
	}

	return {
		get idle() {
			return worker.tasks.size === 0;
		},
		welcomed: welcome.promise,
		ended: ended.promise,
		stop,
	};
}

interface State {
	options: WorkerOptions;
	slots: number;
	capabilities: Capabilities;
	/** Aborted: claims nothing more. */
	leaving: AbortController;
	/** Aborted: no longer says that it lives. */
	gone: AbortController;
	tasks: Set<RunningTask>;
	/** The model that last drew something: it is still in memory. */
	loadedModel: string | null;
	/** Why the server will have nothing more to do with this worker. */
	dismissal: GlassworksError | null;
	dismiss(error: GlassworksError): void;
}

/** Says who it is and what it can run, at once and then every heartbeat. */
async function stayPresent(worker: State, onWelcome: (terms: WorkerTerms | null) => void): Promise<void> {
	const { log } = worker.options;
	let failures = 0;
	while (!worker.gone.signal.aborted && !worker.dismissal) {
		let waitMs: number;
		try {
			const terms = await sayHello(worker);
			if (failures > 0) log.info({}, "server answers again");
			failures = 0;
			onWelcome(terms);
			waitMs = terms.heartbeatMs;
		} catch (error) {
			if (isDismissed(error)) worker.dismiss(error);
			else if (failures === 0) log.warn({ err: error }, "server does not answer; asking again");
			failures += 1;
			waitMs = reconnectMs(failures);
		}
		// Before the first welcome there is nothing to drain.
		await pause(waitMs, failures > 0 ? AbortSignal.any([worker.gone.signal, worker.leaving.signal]) : worker.gone.signal);
		if (failures > 0 && worker.leaving.signal.aborted) break;
	}
	onWelcome(null);
}

/** What our model names mean is learnt from the first answer: only then engines that need it can say what they run. */
async function sayHello(worker: State): Promise<WorkerTerms> {
	const { capabilities, slots, loadedModel, options } = worker;
	const offer = () => ({
		capabilities: capabilities.list(),
		...{ traits: capabilities.traits(), digests: capabilities.digests() },
		...{ loadedModel, slots, nodesDigest: capabilities.nodes()?.digest ?? null, trouble: capabilities.trouble() },
	});
	await capabilities.refresh();
	let terms = await options.source.hello(offer());
	if (capabilities.learn(terms.registry)) {
		await capabilities.refresh();
		terms = await options.source.hello(offer());
	}
	const nodes = capabilities.nodes();
	if (terms.wantsNodes && nodes) await options.source.publishNodes(nodes.digest, nodes.nodes);
	return terms;
}

/**
 * Says what is left of what it can run. Else it would claim for an engine that is gone until the next heartbeat, and every attempt of those
 * tasks would be spent before the engine is back.
 */
async function lookAgain(worker: State): Promise<void> {
	if (worker.leaving.signal.aborted) return;
	await sayHello(worker).catch((err: unknown) => worker.options.log.warn({ err }, "server not told what is left to run"));
}

/** Keeps the slots of one pool filled. */
async function claimFrom(pool: string, worker: State, terms: WorkerTerms): Promise<void> {
	const { slots } = worker;
	const { source, log } = worker.options;
	const { signal } = worker.leaving;
	const running = new Set<Promise<void>>();
	let failures = 0;
	while (!signal.aborted) {
		if (running.size >= slots) {
			await Promise.race(running);
			continue;
		}
		const capabilities = worker.capabilities.list();
		if (capabilities.length === 0) {
			await pause(terms.heartbeatMs, signal);
			continue;
		}
		try {
			const request = { pool, capabilities, loadedModel: worker.loadedModel, slots: slots - running.size, waitMs: claimWaitMs };
			for (const work of await source.claim(request, signal)) {
				const ended = begin(work, worker, terms).finally(() => running.delete(ended));
				running.add(ended);
			}
			failures = 0;
		} catch (error) {
			if (signal.aborted) break;
			if (isDismissed(error)) return worker.dismiss(error);
			if (failures === 0) log.warn({ pool, err: error }, "no claim; asking again");
			failures += 1;
			await pause(reconnectMs(failures), signal);
		}
	}
}

function begin(work: Work, worker: State, terms: WorkerTerms): Promise<void> {
	const { source, log, stepTimeoutMs = 15 * 60_000, abandonMs = 10_000 } = worker.options;
	const ports: TaskPorts = {
		source,
		capabilities: worker.capabilities,
		log,
		leaseMs: terms.leaseMs,
		heartbeatMs: terms.heartbeatMs,
		stepTimeoutMs,
		abandonMs,
		onDismissed: worker.dismiss,
		onEngineDown: () => lookAgain(worker),
	};
	const task = runTask(work, ports);
	worker.tasks.add(task);
	// Handed out while we were leaving: another worker should have it.
	if (worker.leaving.signal.aborted) task.release();
	return task.ended.finally(() => {
		worker.tasks.delete(task);
		if (work.kind === "generate" || work.kind === "inpaint") worker.loadedModel = work.model;
	});
}
