import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

/**
 * Path of a Node 24 or newer: the running one if it is, else the one npm brought.
 * Ends the process with a message when there is none. Runs on Node 20.
 */
export function findNode24() {
	if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
	const platform = process.platform === "win32" ? "win" : process.platform;
	const name = `node-${platform}-${process.arch}`;
	try {
		// Found by package and not by .bin/node: npm 10 drops that link when several platform packages share the name.
		const home = path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
		const file = path.join(home, "bin", process.platform === "win32" ? "node.exe" : "node");
		fs.accessSync(file, fs.constants.X_OK);
		return file;
	} catch {
		console.error(
			`glassworks needs Node 24. This is Node ${process.versions.node}, and the package ${name} is not installed.\nRun npm ci, or install Node 24 (https://nodejs.org).`,
		);
		process.exit(1);
	}
}
