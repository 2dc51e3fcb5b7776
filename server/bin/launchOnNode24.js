import { spawn } from "node:child_process";
import os from "node:os";
import { findNode24 } from "./findNode24.js";

/** Ctrl-C under npx reaches us twice: from the terminal and from npm. Within this time the same signal counts once. */
const sameSignalMs = 500;

/**
 * Runs `entry` on Node 24 with our standard streams and ends with its exit code (128 + the signal's number when one ended it).
 * SIGINT, SIGTERM and SIGHUP are passed on, each once. The ipc channel is how the child notices `kill -9` of this process: it sees `disconnect`.
 */
export function launchOnNode24(entry, argv) {
	const windows = process.platform === "win32";
	const child = spawn(findNode24(), ["--disable-warning=ExperimentalWarning", entry, ...argv], {
		stdio: ["inherit", "inherit", "inherit", "ipc"],
		// Its own process group, or a terminal's Ctrl-C would reach it directly and once more through us. On Windows that would open a window.
		detached: !windows,
	});
	const passedAt = new Map();
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
		process.on(signal, () => {
			const now = performance.now();
			const first = now - (passedAt.get(signal) ?? Number.NEGATIVE_INFINITY) > sameSignalMs;
			passedAt.set(signal, now);
			// On Windows the console tells both of us about Ctrl-C, and kill() would end the child at once.
			if (first && !(windows && signal === "SIGINT")) child.kill(signal);
		});
	}
	child.on("error", (error) => {
		console.error(`glassworks could not start Node 24: ${error.message}`);
		process.exit(1);
	});
	child.on("exit", (code, signal) => process.exit(code ?? 128 + (os.constants.signals[signal] ?? 0)));
}
