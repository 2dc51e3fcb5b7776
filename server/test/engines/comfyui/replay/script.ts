import type { RecordedFrame, RecordedRun } from "./recordedRun.ts";

/**
 * What a run does, one after another. `start` and `end` are what HTTP knows; a `frame` is only told to the socket. So what is true and what
 * is hinted can be pulled apart: reordering frames changes no truth.
 */
export type Step =
	| { do: "start" }
	| { do: "end" }
	| { do: "frame"; frame: RecordedFrame }
	/** Waits until the prompt is interrupted. */
	| { do: "await_interrupt" }
	/** Waits until the test calls release(). */
	| { do: "hold" }
	/** Every socket is cut. */
	| { do: "drop_sockets" }
	/** Sockets that are open now stay open and hear nothing more. */
	| { do: "deafen" };

/** The recording as it was. A run that was never seen to end does not end. */
export function scriptOf(run: RecordedRun): Step[] {
	const steps: Step[] = [];
	let isRunning = false;
	for (const frame of run.frames) {
		const type = frame.event?.type;
		if (!isRunning && type === "execution_start") {
			steps.push({ do: "start" });
			isRunning = true;
		}
		if (type === "execution_interrupted") steps.push({ do: "await_interrupt" });
		// The entry in the history comes after execution_success and before this (engine-comfyui: "really finished").
		if (isLast(frame) && run.history) steps.push({ do: "end" });
		steps.push({ do: "frame", frame });
	}
	const isSilent = steps.length === 0;
	if (isSilent) steps.push({ do: "start" });
	if (run.history && !steps.some((step) => step.do === "end")) steps.push({ do: "end" });
	return steps;
}

export function isLast({ event }: RecordedFrame): boolean {
	return event?.type === "executing" && event.data.node === null;
}

/** Puts a step before the first frame of this type, or after all when there is none. `nth` counts from 1. */
export function before(type: string, step: Step, nth = 1): (steps: Step[]) => Step[] {
	return (steps) => {
		const places = steps.flatMap((each, index) => (each.do === "frame" && each.frame.event?.type === type ? [index] : []));
		return steps.toSpliced(places[nth - 1] ?? steps.length, 0, step);
	};
}

/** Without the frames of which this is true. */
export function without(isCut: (frame: RecordedFrame) => boolean): (steps: Step[]) => Step[] {
	return (steps) => steps.filter((step) => step.do !== "frame" || !isCut(step.frame));
}
