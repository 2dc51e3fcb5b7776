import os from "node:os";

export interface StopSignals {
	/** Aborted by the first Ctrl-C, SIGTERM or SIGHUP, or when the process that launched this one is gone. */
	readonly signal: AbortSignal;
	/** What to end with after a stop: 128 plus the signal's number. */
	readonly exitCode: number;
	/** From now on the command stops by itself when asked once; before, the process ends at once. Asked twice, it always does. */
	takeOver(): void;
}

/** Listens on `process`. `quit` ends it. */
export function watchStopSignals(process: NodeJS.Process, quit: (exitCode: number) => void): StopSignals {
	const stop = new AbortController();
	let exitCode = 0;
	let isHandled = false;
	const ask = (name: "SIGINT" | "SIGTERM" | "SIGHUP") => {
		const isFirst = exitCode === 0;
		exitCode = 128 + os.constants.signals[name];
		if (!isFirst || !isHandled) return quit(exitCode);
		stop.abort();
	};
	for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, ask);
	// The launcher was killed: nobody would stop us any more.
	process.on("disconnect", () => stop.signal.aborted || ask("SIGTERM"));
	// Listening for it must not keep a finished command alive.
	process.channel?.unref();
	return {
		signal: stop.signal,
		get exitCode() {
			return exitCode;
		},
		takeOver() {
			isHandled = true;
		},
	};
}
