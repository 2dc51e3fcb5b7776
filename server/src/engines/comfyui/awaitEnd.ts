import { GlassworksError } from "../../domain/errors.ts";
import type { Listening } from "./hints.ts";
import type { Ended, Look, Truth } from "./look.ts";
import type { Pulse } from "./pulse.ts";
import type { Timings } from "./timings.ts";

export interface WaitPorts {
	look: Look;
	listening: Listening;
	pulse: Pulse;
	/** Ids of the prompts that run in the engine, anybody's. */
	readRunning(): Promise<string[]>;
	/** Aborted when nobody waits for the prompt any more. */
	signal: AbortSignal;
	timings: Timings;
}

/** Why a prompt is no longer waited for: its caller gave up, it took too long, nothing happens, or the server (or its memory) is gone. */
export type Waited =
	| Ended
	| { state: "aborted" }
	| { state: "late" }
	| { state: "stuck"; behind: string[] }
	| { state: "lost"; error: GlassworksError };

/** Waits until HTTP says that the prompt has ended. Hints only say when to look. */
export async function awaitEnd(promptId: string, ports: WaitPorts): Promise<Waited> {
	const { look, listening, pulse, signal, timings } = ports;
	const giveUpAt = performance.now() + timings.maxRunMs;
	const findStuck = watchForSilence(promptId, ports);
	const findLoss = watchForLoss(timings);
	let before: Truth["state"] | null = null;
	let pauseMs = timings.lookMs;
	for (;;) {
		const restMs = listening.openSince() !== null ? timings.lookMs : timings.blindLookMs;
		const isHurried = await pulse.wait(Math.min(pauseMs, restMs, Math.max(0, giveUpAt - performance.now())), signal);
		if (signal.aborted) return { state: "aborted" };
		const seen = await look(promptId).catch(() => null);
		if (seen?.state === "ended") return seen;
		const error = findLoss(seen);
		if (error) return { state: "lost", error };
		if (performance.now() >= giveUpAt) return { state: "late" };
		if (seen?.state === "waiting" || seen?.state === "running") {
			if (seen.state !== before) pulse.beat();
			before = seen.state;
			const behind = await findStuck(seen.state);
			if (behind) return { state: "stuck", behind };
		}
		if (seen === null || seen.state === "absent") pauseMs = timings.blindLookMs;
		// Hinted to have ended: known for sure in a moment. After a while as usual again.
		else pauseMs = isHurried ? timings.hurriedLookMs : Math.min(2 * pauseMs, timings.lookMs);
	}
}

/** Lost: the server does not answer for too long, or says twice in a row that it does not have the prompt. */
function watchForLoss({ unreachableMs }: Timings): (seen: Truth | null) => GlassworksError | null {
	let silentSince: number | null = null;
	let absences = 0;
	return (seen) => {
		if (seen === null) {
			silentSince ??= performance.now();
			if (performance.now() - silentSince < unreachableMs) return null;
			return new GlassworksError("engine_down", "The engine could not be reached.");
		}
		silentSince = null;
		absences = seen.state === "absent" ? absences + 1 : 0;
		return absences < 2 ? null : new GlassworksError("engine_down", "The engine was restarted and lost the picture.");
	};
}

/**
 * Judges by what the prompt does, not by whether the server answers: one whose worker thread has died answers everything.
 * Gives the ids of the prompts that are stuck and keep this one from ending; null: none is.
 */
function watchForSilence(promptId: string, ports: WaitPorts): (state: "waiting" | "running") => Promise<string[] | null> {
	const { listening, pulse, timings } = ports;
	let reopenedAt = Number.NEGATIVE_INFINITY;
	let before: string[] | null = null;
	return async (state) => {
		const silentSince = pulse.lastBeatAt();
		const silentMs = performance.now() - silentSince;
		if (state === "waiting") {
			if (silentMs < timings.queueStillMs) return null;
			const running = await ports.readRunning().catch(() => null);
			if (running !== null && before !== null && running.some((id) => before?.includes(id))) return running;
			before = running;
			pulse.beat();
			return null;
		}
		const openSince = listening.openSince();
		// Without a socket nothing is heard, whatever happens.
		if (openSince === null) return null;
		if (silentMs >= timings.deafMs && reopenedAt < silentSince) {
			reopenedAt = performance.now();
			listening.reopen();
			return null;
		}
		return performance.now() - Math.max(silentSince, openSince) >= timings.silentMs ? [promptId] : null;
	};
}
