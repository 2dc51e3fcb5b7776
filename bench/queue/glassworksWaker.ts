import { announce } from "../../server/src/domain/jobs/announce.ts";
import { createDispatcher } from "../../server/src/domain/jobs/dispatcher.ts";
import type { Bus } from "../../server/src/domain/ports.ts";
import { createFsBlobs } from "../../server/src/store/blobs/fsBlobs.ts";
import { createMemoryBus } from "../../server/src/store/bus/memoryBus.ts";
import { createPostgresBus } from "../../server/src/store/bus/postgresBus.ts";
import { createRedisBus } from "../../server/src/store/bus/redisBus.ts";
import type { Stores } from "../../server/src/store/openStores.ts";
import { silent } from "../support/benchStores.ts";
import { addWorker, capabilityOf } from "../support/crowd.ts";
import type { Waker, Wire } from "./contender.ts";

/** Where the queue lives. */
export interface Place {
	/** Null: PGlite in `dataDir`. */
	databaseUrl: string | null;
	dataDir: string;
	redisUrl: string | null;
}

const patienceMs = 10_000;

/** A claimer that waits in the dispatcher, as every worker of ours does, on one end of the wire; submits happen on the other. */
export async function openWaker(
	stores: Stores,
	place: Place,
	wire: Wire,
	queue: { pool: string; models: readonly string[]; submit(): Promise<{ id: string }> },
): Promise<Waker | null> {
	const ends = await openEnds(place, wire);
	if (!ends) return null;
	const workerId = await addWorker(stores, queue.pool, queue.models);
	const { jobs, assets, workflows } = stores;
	const blobs = createFsBlobs(place.dataDir);
	const dispatcher = createDispatcher({ jobs, assets, blobs, bus: ends.claimer, workflows, random: Math.random });
	const request = { pool: queue.pool, capabilities: queue.models.map(capabilityOf), loadedModel: null, slots: 1, waitMs: patienceMs };
	return {
		async submit() {
			const { id } = await queue.submit();
			announce(ends.submitter, { jobIds: [id], pools: [queue.pool], stoppedTaskIds: [] });
		},
		async claimed() {
			const works = await dispatcher.claim(workerId, request, new AbortController().signal);
			if (works.length !== 1) throw new Error(`the waiting claimer got ${works.length} tasks`);
		},
		close: async () => void (await Promise.all([ends.claimer.close(), ends.submitter.close()])),
	};
}

async function openEnds({ databaseUrl, redisUrl }: Place, wire: Wire): Promise<{ submitter: Bus; claimer: Bus } | null> {
	if (wire === "this process") {
		const bus = createMemoryBus(silent);
		return { submitter: bus, claimer: bus };
	}
	if (wire === "PostgreSQL" && databaseUrl) {
		const open = () => createPostgresBus({ connectionString: databaseUrl }, silent);
		return { submitter: await open(), claimer: await open() };
	}
	if (wire === "Redis" && redisUrl)
		return { submitter: await createRedisBus(redisUrl, silent), claimer: await createRedisBus(redisUrl, silent) };
	return null;
}
