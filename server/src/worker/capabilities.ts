import type { Capability, Engine, Log } from "../domain/ports.ts";

/** Who runs a capability in this process, and what makes its results what they are. */
export interface Runner {
	engine: Engine;
	digest: string | null;
}

/** What this process can run now. */
export interface Capabilities {
	list(): Capability[];
	find(capability: Capability): Runner | undefined;
	/** Asks every engine again: models come and go while a worker runs. An engine that cannot answer offers nothing. */
	refresh(): Promise<void>;
}

export function discoverCapabilities(engines: readonly Engine[], log: Log): Capabilities {
	let runners = new Map<Capability, Runner>();
	const silent = new Set<Engine>();

	async function ask(engine: Engine): Promise<[Capability, Runner][]> {
		try {
			const offered = await engine.capabilities();
			if (silent.delete(engine)) log.info({ engine: engine.name }, "engine answers again");
			return offered.map(({ capability, digest }) => [capability, { engine, digest }]);
		} catch (error) {
			if (!silent.has(engine)) log.warn({ engine: engine.name, err: error }, "engine does not say what it can run");
			silent.add(engine);
			return [];
		}
	}

	return {
		list: () => [...runners.keys()],
		find: (capability) => runners.get(capability),
		async refresh() {
			const found = new Map<Capability, Runner>();
			for (const [capability, runner] of (await Promise.all(engines.map(ask))).flat())
				if (!found.has(capability)) found.set(capability, runner);
			runners = found;
		},
	};
}
