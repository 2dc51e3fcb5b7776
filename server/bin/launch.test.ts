import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

/** Says what reaches it. `exit <code>` leaves at once; otherwise it lives until SIGTERM or until its launcher is gone. */
const program = `
const [command, ...rest] = process.argv.slice(2);
if (command === "exit") process.exit(Number(rest[0]));
if (command === "die") process.kill(process.pid, "SIGKILL");
if (command === "echo") { console.log(JSON.stringify(rest)); process.stdin.pipe(process.stdout); process.disconnect(); }
else {
	let interrupts = 0;
	const alive = setInterval(() => {}, 1000);
	process.on("SIGINT", () => { interrupts++; console.log("interrupted"); });
	process.on("SIGHUP", () => console.log("hung up"));
	process.on("SIGTERM", () => { console.log("interrupts " + interrupts); process.exit(7); });
	process.on("disconnect", () => { console.log("drained"); clearInterval(alive); });
	console.log("ready " + (Number(process.versions.node.split(".")[0]) >= 24));
}
`;

let folder: string;
let launcher: string;
const started: ChildProcess[] = [];

beforeEach(async () => {
	folder = await fs.mkdtemp(path.join(os.tmpdir(), "glassworks-launch-"));
	const entry = path.join(folder, "main.mjs");
	launcher = path.join(folder, "launch.mjs");
	await fs.writeFile(entry, program);
	const launchModule = new URL("./launchOnNode24.js", import.meta.url).href;
	await fs.writeFile(
		launcher,
		`import { launchOnNode24 } from ${JSON.stringify(launchModule)};\nlaunchOnNode24(${JSON.stringify(entry)}, process.argv.slice(2));\n`,
	);
});

afterEach(async () => {
	for (const child of started.splice(0)) if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
	await fs.rm(folder, { recursive: true, force: true });
});

function launch(...argv: string[]) {
	const child = spawn(process.execPath, [launcher, ...argv], { detached: true, stdio: ["pipe", "pipe", "inherit"] });
	started.push(child);
	let output = "";
	let waiting: { text: string; resolve: () => void } | null = null;
	child.stdout.setEncoding("utf8").on("data", (text: string) => {
		output += text;
		if (waiting && output.includes(waiting.text)) waiting.resolve();
	});
	// "close" comes when the streams are closed: after the program itself has gone, not only its launcher.
	const ended = new Promise<{ code: number | null; output: string }>((resolve) => child.on("close", (code) => resolve({ code, output })));
	const says = (text: string) =>
		new Promise<void>((resolve) => {
			if (output.includes(text)) resolve();
			else waiting = { text, resolve };
		});
	return { child, ended, says, pid: child.pid ?? 0 };
}

test("the command ends with the program's exit code", async () => {
	expect((await launch("exit", "3").ended).code).toBe(3);
	expect((await launch("exit", "0").ended).code).toBe(0);
});

test("a program killed by a signal is reported as 128 plus the signal's number", async () => {
	expect((await launch("die").ended).code).toBe(137);
});

test("arguments and standard input arrive unchanged", async () => {
	const run = launch("echo", "a red apple", "--out", "ä b.png", "");
	run.child.stdin?.end("typed");
	expect((await run.ended).output).toBe('["a red apple","--out","ä b.png",""]\ntyped');
});

test("the program runs on Node 24 or newer, hears SIGHUP, and drains on SIGTERM with its own exit code", async () => {
	const run = launch("serve");
	await run.says("ready true");
	process.kill(run.pid, "SIGHUP");
	await run.says("hung up");
	process.kill(run.pid, "SIGTERM");
	const { code, output } = await run.ended;
	expect(output).toContain("interrupts 0");
	expect(code).toBe(7);
});

test("Ctrl-C in a terminal, which npm passes on once more, interrupts the program once", async () => {
	const run = launch("serve");
	await run.says("ready");
	process.kill(-run.pid, "SIGINT");
	process.kill(run.pid, "SIGINT");
	await run.says("interrupted");
	process.kill(run.pid, "SIGTERM");
	expect((await run.ended).output).toContain("interrupts 1\n");
});

test("kill -9 of the launcher lets the program drain instead of leaving it behind", async () => {
	const run = launch("serve");
	await run.says("ready");
	process.kill(run.pid, "SIGKILL");
	expect((await run.ended).output).toContain("drained");
});
