import type { Bus, Log } from "../../domain/ports.ts";
import { createListeners } from "./listeners.ts";

/** A bus within this process. Without `log`, failures of listeners go unseen. */
export function createMemoryBus(log: Log | null = null): Bus {
	const listeners = createListeners(log);
	let closed = false;
	return {
		publish(topic, message) {
			if (listeners.has(topic)) listeners.deliver(topic, JSON.stringify(message));
		},
		subscribe: (topic, onMessage) => (closed ? () => {} : listeners.add(topic, onMessage)),
		async close() {
			closed = true;
			listeners.clear();
		},
	};
}
