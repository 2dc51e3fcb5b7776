// `npm run test:engines [-- -t name]`: engines of other people's, installed for real and asked for pictures. IOPaint 1.6 comes from PyPI
// (about 2 GB, into .cache/) and takes minutes; no weights are downloaded. `npm test` replays recorded traffic instead.
import { spawn } from "node:child_process";
import os from "node:os";
import path from "node:path";
import { type IopaintServer, installIopaint } from "./setup/iopaint.ts";

const root = path.resolve(import.meta.dirname, "..");
const testFiles = ["server/test/engines/iopaint/realIopaint.test.ts", "server/test/journeys/realIopaint.test.ts"];
const servers: IopaintServer[] = [];
const stopAll = () => Promise.all(servers.splice(0).map((server) => server.stop()));

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
	process.once(signal, async () => {
		await stopAll();
		process.exit(128 + os.constants.signals[signal]);
	});
}

async function runTests(env: NodeJS.ProcessEnv): Promise<number> {
	return new Promise((resolve) => {
		const args = [path.join(root, "tools/test.ts"), ...testFiles, ...process.argv.slice(2)];
		const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"], env });
		child.on("error", () => resolve(1));
		child.on("exit", (code) => resolve(code ?? 1));
	});
}

try {
	console.log("set-up: installing IOPaint 1.6.0 unless .cache/iopaint has it");
	const iopaint = await installIopaint(root);
	const full = await iopaint.start(true);
	servers.push(full);
	const bare = await iopaint.start(false);
	servers.push(bare);
	console.log(`set-up: IOPaint at ${full.url}, and without PowerPaint's files at ${bare.url}`);
	process.exitCode = await runTests({ ...process.env, TEST_IOPAINT_URL: full.url, TEST_IOPAINT_BARE_URL: bare.url });
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	console.log("0 passed, 1 failed");
	process.exitCode = 1;
}
await stopAll();
