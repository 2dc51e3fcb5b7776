import type { Json } from "../../domain/json.ts";
import type { Log } from "../../domain/ports.ts";

type OnMessage = (message: Json) => void;

/** Who in this process listens to what. Each `add` is a subscription of its own, also of the same function. */
export interface Listeners {
	/** Returns the function that ends the subscription; it can be called again without effect. */
	add(topic: string, onMessage: OnMessage): () => void;
	has(topic: string): boolean;
	topics(): string[];
	/**
	 * Calls the topic's listeners after the caller is done. Each gets a message of its own, parsed from `text`, so none can change another's.
	 * One that fails stops no other; one that ended its subscription meanwhile is not called.
	 */
	deliver(topic: string, text: string): void;
	clear(): void;
}

/** `onFirst` and `onLast` tell when a topic got its first listener and lost its last. */
export function createListeners(log: Log | null, onFirst?: (topic: string) => void, onLast?: (topic: string) => void): Listeners {
	const byTopic = new Map<string, Set<{ onMessage: OnMessage }>>();

	const call = async (topic: string, onMessage: OnMessage, text: string) => {
		try {
			// Awaited, because a listener may be an async function, whose failure would otherwise end the process.
			await onMessage(JSON.parse(text));
		} catch (error) {
			log?.error({ topic, reason: error instanceof Error ? error.message : "unknown" }, "a bus listener failed");
		}
	};

	return {
		add(topic, onMessage) {
			const subscription = { onMessage };
			const there = byTopic.get(topic);
			if (there) there.add(subscription);
			else {
				byTopic.set(topic, new Set([subscription]));
				onFirst?.(topic);
			}
			return () => {
				const subscriptions = byTopic.get(topic);
				if (!subscriptions?.delete(subscription) || subscriptions.size > 0) return;
				byTopic.delete(topic);
				onLast?.(topic);
			};
		},
		has: (topic) => byTopic.has(topic),
		topics: () => [...byTopic.keys()],
		deliver(topic, text) {
			for (const subscription of byTopic.get(topic) ?? [])
				queueMicrotask(() => {
					if (byTopic.get(topic)?.has(subscription)) void call(topic, subscription.onMessage, text);
				});
		},
		clear: () => byTopic.clear(),
	};
}
