// Runs a command line on Node 24, whatever Node started us: `node tools/node24.js server/src/main.ts serve`.
// npm 10 (Node 20) drops .bin/node when several platform packages share that name, so the bundled Node is found by package.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";

/** Path of a Node 24 or newer: this one if it is, else the one npm brought. */
export function findNode24() {
	if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
	const platform = process.platform === "win32" ? "win" : process.platform;
	const name = `node-${platform}-${process.arch}`;
	try {
		const home = path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
		return path.join(home, "bin", process.platform === "win32" ? "node.exe" : "node");
	} catch {
		console.error(
			`glassworks needs Node 24. This is Node ${process.versions.node}, and the package ${name} is not installed.\nRun npm ci, or install Node 24 (https://nodejs.org).`,
		);
		process.exit(1);
	}
}

if (process.argv[1] && path.resolve(process.argv[1]) === import.meta.filename) {
	const child = spawn(findNode24(), process.argv.slice(2), { stdio: "inherit" });
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
	child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
}
