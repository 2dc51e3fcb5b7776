// Runs a command line on Node 24, whatever Node started us: `node tools/node24.js tools/check.ts`.
import { spawn } from "node:child_process";
import os from "node:os";
import { findNode24 } from "../server/bin/findNode24.js";

const child = spawn(findNode24(), process.argv.slice(2), { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
	process.on(signal, () => {
		// A terminal's Ctrl-C has reached the child already: it is in our process group.
		if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
	});
}
child.on("exit", (code, signal) => process.exit(code ?? 128 + (os.constants.signals[signal] ?? 0)));
