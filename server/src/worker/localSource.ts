import type { NodeStore } from "../domain/engines/engineStore.ts";
import type { ModelRegistry } from "../domain/engines/registry.ts";
import { stopTopic } from "../domain/jobs/announce.ts";
import type { DispatchedWork, Dispatcher } from "../domain/jobs/dispatcher.ts";
import type { TaskSource, Work } from "../domain/jobs/taskSource.ts";
import type { WorkerStore } from "../domain/jobs/workerStore.ts";
import type { BlobStore, Bus } from "../domain/ports.ts";
import { checkLoraFile } from "../domain/trainings/checkLoraFile.ts";

export interface LocalSourceOptions {
	dispatcher: Dispatcher;
	workers: WorkerStore;
	blobs: BlobStore;
	bus: Bus;
	/** Unique to this process's life: a worker that comes back is another one. */
	workerId: string;
	name: string;
	pools: string[];
	leaseMs: number;
	heartbeatMs: number;
	nodes: NodeStore;
	registry: ModelRegistry;
}

export interface LocalSource extends TaskSource {
	/** Takes the worker off the list; what it still ran goes back in line. Call once it has stopped. */
	close(): Promise<void>;
}

/** Work for a worker in the server's own process: no network, no token. */
export function createLocalSource(options: LocalSourceOptions): LocalSource {
	const { dispatcher, workers, blobs, bus, workerId, name, pools, leaseMs, heartbeatMs, nodes, registry } = options;
	const dispatched = new WeakMap<Work, DispatchedWork>();
	let enlisted: Promise<unknown> | null = null;

	async function enlist(): Promise<void> {
		enlisted ??= workers.create({ id: workerId, name, kind: "local", pools, allowed: null, tokenHash: null });
		try {
			await enlisted;
		} catch (error) {
			enlisted = null;
			throw error;
		}
	}

	return {
		async hello(now) {
			await enlist();
			await workers.seen(workerId, now);
			const wantsNodes = !!now.nodesDigest && !(await nodes.has(now.nodesDigest));
			return { workerId, name, pools, leaseMs, heartbeatMs, registry, wantsNodes };
		},
		publishNodes: (digest, described) => nodes.put(digest, described),
		async claim(request, signal) {
			const works = await dispatcher.claim(workerId, request, signal);
			for (const work of works) dispatched.set(work, work);
			return works;
		},
		progress: (lease, progress) => dispatcher.progress(lease, progress),
		preview: (lease, preview) => dispatcher.preview(lease, preview),
		async readInput(work, role) {
			const known = dispatched.get(work);
			const picture = known?.inputs[role];
			if (!known || !picture) throw new Error(`the task has no input named ${role}`);
			const { sha256, mediaType, widthPx, heightPx } = picture;
			return { bytes: await blobs.get(known.tenantId, sha256), mediaType, widthPx, heightPx };
		},
		readFile: async (work, role) => dispatcher.readFile(work.lease, dispatched.get(work)?.files[role] ?? ""),
		async writeFile(lease, role, bytes) {
			checkLoraFile(bytes);
			await dispatcher.writeFile(lease, role, bytes);
		},
		async writeOutput(lease, role, picture) {
			await dispatcher.writeOutput(lease, role, picture);
		},
		finish: (lease, outcome) => dispatcher.finish(lease, outcome),
		onStop(listener) {
			return bus.subscribe(stopTopic, (message) => {
				if (typeof message === "object" && message !== null && !Array.isArray(message) && typeof message.taskId === "number")
					listener(message.taskId);
			});
		},
		async close() {
			if (enlisted) await workers.remove(workerId);
		},
	};
}
