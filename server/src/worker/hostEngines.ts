import type { EngineRecord, EngineStore } from "../domain/engines/engineStore.ts";
import type { Engine, Log } from "../domain/ports.ts";
import type { LocalSource } from "./localSource.ts";
import { startWorker, type WorkerHandle } from "./loop.ts";
import { pause } from "./pause.ts";

export interface HostOptions {
	engines: EngineStore;
	/** This process, uniquely. */
	holder: string;
	open(record: EngineRecord): Engine;
	/** Work for a worker of its own: one engine server, one worker, so that placement knows what each holds. */
	source(record: EngineRecord): LocalSource;
	/** How often the list is looked at; an engine whose process died is taken over after three times as long. Milliseconds. */
	everyMs: number;
	graceMs: number;
	log: Log;
}

interface Hosted {
	record: EngineRecord;
	engine: Engine;
	source: LocalSource;
	worker: WorkerHandle;
}

/**
 * Drives every registered engine that no other process drives, and follows the list as engines come and go.
 * Returns the function that stops it: running steps finish within `graceMs` or are given back.
 */
export function hostEngines(options: HostOptions): () => Promise<void> {
	const { engines, holder, everyMs, log } = options;
	const leaving = new AbortController();
	const hosted = new Map<string, Hosted>();
	const ending = new Set<Promise<void>>();

	function start(record: EngineRecord): void {
		const engine = options.open(record);
		const source = options.source(record);
		hosted.set(record.id, { record, engine, source, worker: startWorker({ source, engines: [engine], log }) });
		log.info({ engine: record.name, kind: record.kind }, "engine taken up");
	}

	function end({ record, engine, source, worker }: Hosted): void {
		hosted.delete(record.id);
		const ended = (async () => {
			await worker.stop(options.graceMs);
			await source.close();
			await engine.close();
			log.info({ engine: record.name, kind: record.kind }, "engine left");
		})()
			.catch((error) => log.error({ engine: record.name, err: error }, "engine not left cleanly"))
			.finally(() => ending.delete(ended));
		ending.add(ended);
	}

	async function look(): Promise<void> {
		const ours = new Map((await engines.hold(holder, everyMs * 3)).map((record) => [record.id, record]));
		for (const one of hosted.values()) if (!ours.has(one.record.id)) end(one);
		for (const record of ours.values()) if (!hosted.has(record.id) && !leaving.signal.aborted) start(record);
	}

	const watching = (async () => {
		while (!leaving.signal.aborted) {
			await look().catch((error) => log.warn({ err: error }, "list of engines not read"));
			await pause(everyMs, leaving.signal);
		}
	})();

	return async () => {
		leaving.abort();
		await watching;
		for (const one of hosted.values()) end(one);
		await Promise.all(ending);
		await engines.letGo(holder).catch((error) => log.warn({ err: error }, "engines not let go"));
	};
}
