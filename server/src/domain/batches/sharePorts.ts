import type { SubmitPorts } from "../jobs/submitJob.ts";

/** The same ports, asking for what many requests of one account have in common only once: for the moment it takes to plan them. */
export function sharePorts<P extends SubmitPorts>(ports: P): P {
	const { workers, times, nodes, workflows, accounts } = ports;
	return {
		...ports,
		accounts: { ...accounts, keyCaps: onceFor((keyId) => accounts.keyCaps(keyId), String) },
		workers: { live: once(() => workers.live(ports.liveForMs)), digests: once(() => workers.digests(ports.liveForMs)) },
		times: { read: once(() => times.read()) },
		nodes: { catalogue: once(() => nodes.catalogue()) },
		dedicatedPools: onceFor((tenantId) => ports.dedicatedPools(tenantId), String),
		workflows: {
			...workflows,
			shipped: () => workflows.shipped(),
			find: onceFor(
				(who, name, version) => workflows.find(who, name, version),
				(who, name, version) => JSON.stringify([who.tenantId, who.keyId, name, version]),
			),
		},
	};
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
	let asked: Promise<T> | null = null;
	return () => {
		asked ??= ask();
		return asked;
	};
}

function onceFor<A extends unknown[], T>(ask: (...about: A) => Promise<T>, keyOf: (...about: A) => string): (...about: A) => Promise<T> {
	const asked = new Map<string, Promise<T>>();
	return (...about) => {
		const key = keyOf(...about);
		const known = asked.get(key) ?? ask(...about);
		asked.set(key, known);
		return known;
	};
}

/** Lets everybody else have a turn: ten thousand requests must not be planned in one go. */
export function breathe(): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, 0));
}
