import { createHash } from "node:crypto";
import { periodOf, type Rate } from "../domain/plans/rate.ts";
import type { RateLimiter, Taken } from "../domain/plans/rateLimiter.ts";
import type { RateWindows } from "../domain/plans/rateWindows.ts";
import type { Log } from "../domain/ports.ts";
import { createMemoryRateLimiter } from "./rateLimiter.ts";

/** A server takes so large a part of a window at once: a rate of thousands costs the database some twenty statements a window. */
const partsOfWindow = 20;
/** Windows that are remembered, before those that ended are cleared out. */
const mostWindows = 10_000;

/** Names hold accounts, networks and addresses of people, which a table of counts need not. */
const unreadable = (name: string) => createHash("sha256").update(name).digest("base64url");

/** What this server holds of a window. */
interface Held {
	/** Taken and not used yet. */
	unused: number;
	/** What no server had taken when this one last asked. */
	left: number;
	/** By performance.now(); never later than the window's own end. */
	endsAt: number;
	/** Set while more is asked for. */
	asking: Promise<void> | null;
}

/**
 * Counts for all servers on one database: each takes a part of a window and counts that by itself, so all together never let through more
 * than the rate; less only by what another has taken and not used. While the database is away each counts for itself.
 */
export function createSharedRateLimiter(windows: Pick<RateWindows, "take">, log: Log): RateLimiter {
	const held = new Map<string, Held>();
	const own = createMemoryRateLimiter();
	let wasAway = false;

	function heldOf(name: string): Held {
		if (held.size > mostWindows)
			for (const [each, { endsAt, asking }] of held) if (endsAt <= performance.now() && !asking) held.delete(each);
		const known = held.get(name) ?? { unused: 0, left: 1, endsAt: 0, asking: null };
		held.set(name, known);
		return known;
	}

	async function askFor(name: string, rate: Rate, mine: Held): Promise<void> {
		const askedAt = performance.now();
		const wanted = Math.max(1, Math.floor(rate.requests / partsOfWindow));
		const { granted, left, resetMs } = await windows.take(unreadable(name), { periodMs: periodOf(rate), most: rate.requests, wanted });
		Object.assign(mine, { unused: granted, left, endsAt: askedAt + resetMs });
	}

	async function takeShared(key: string, rate: Rate): Promise<Taken> {
		const name = `${rate.per}:${key}`;
		const mine = heldOf(name);
		for (;;) {
			const resetMs = Math.max(1, mine.endsAt - performance.now());
			const isOpen = mine.endsAt > performance.now();
			if (isOpen && mine.unused > 0) {
				mine.unused -= 1;
				return { isAllowed: true, left: Math.min(rate.requests, mine.unused + mine.left), resetMs };
			}
			// Whoever is over its rate is refused from memory until the window ends: floods do not reach the database.
			if (isOpen && mine.left === 0 && !mine.asking) return { isAllowed: false, left: 0, resetMs };
			mine.asking ??= askFor(name, rate, mine).finally(() => {
				mine.asking = null;
			});
			await mine.asking;
		}
	}

	return {
		async take(key, rate) {
			try {
				const taken = await takeShared(key, rate);
				wasAway = false;
				return taken;
			} catch {
				if (!wasAway) log.warn({ role: "limits" }, "the database could not be asked; each server limits rates for itself");
				wasAway = true;
				return own.take(key, rate);
			}
		},
		close: () => own.close(),
	};
}
