import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll } from "vitest";

const launcher = fileURLToPath(new URL("../../bin/launch.js", import.meta.url));

export interface CliRun {
	child: ChildProcess;
	readonly out: string;
	readonly err: string;
	/** The exit code; null when a signal ended it. */
	exited: Promise<number | null>;
	/** Resolves once the text has appeared on either stream. @throws when the command ends before */
	says(text: string | RegExp): Promise<void>;
}

const running = new Set<ChildProcess>();

/** Runs the real command, through its launcher, with nothing of this process's own configuration. */
export function spawnCli(argv: string[], environment: Record<string, string>): CliRun {
	const { PATH = "", HOME = "" } = process.env;
	const child = spawn(process.execPath, [launcher, ...argv], { env: { PATH, HOME, ...environment }, stdio: ["ignore", "pipe", "pipe"] });
	running.add(child);
	let out = "";
	let err = "";
	child.stdout?.on("data", (chunk) => {
		out += chunk;
	});
	child.stderr?.on("data", (chunk) => {
		err += chunk;
	});
	let hasEnded = false;
	const exited = new Promise<number | null>((resolve) =>
		child.on("close", (code) => {
			hasEnded = true;
			running.delete(child);
			resolve(code);
		}),
	);
	return {
		child,
		get out() {
			return out;
		},
		get err() {
			return err;
		},
		exited,
		async says(text) {
			while (typeof text === "string" ? !`${out}${err}`.includes(text) : !text.test(`${out}${err}`)) {
				if (hasEnded) throw new Error(`the command ended without saying ${text}:\n${out}${err}`);
				await new Promise((resolve) => setTimeout(resolve, 20));
			}
		},
	};
}

/** Ends what a failed test has left running. */
export async function endAll(): Promise<void> {
	const left = [...running];
	for (const child of left) child.kill("SIGTERM");
	await Promise.all(
		left.map(
			(child) =>
				new Promise((resolve) => (child.exitCode === null && child.signalCode === null ? child.on("close", resolve) : resolve(null))),
		),
	);
}

/** One server in a folder of its own for all tests of a suite, and `glassworks <command> ...` against it. Call it where the suite's hooks would stand. */
export function openCliSuite(command: string, variables: Record<string, string> = {}) {
	let folder = "";
	beforeAll(async () => {
		folder = temporaryFolder();
		await spawnCli(["serve", "--services=api"], { GLASSWORKS_DATA: folder, GLASSWORKS_PORT: "0", ...variables }).says("Owner key");
	}, 300_000);
	afterAll(async () => {
		await endAll();
		fs.rmSync(folder, { recursive: true, force: true });
	}, 60_000);
	return {
		get folder() {
			return folder;
		},
		async run(...argv: string[]): Promise<{ code: number | null; out: string; err: string }> {
			const run = spawnCli([command, ...argv], { GLASSWORKS_DATA: folder });
			return { code: await run.exited, out: run.out.trim(), err: run.err };
		},
	};
}

export function temporaryFolder(): string {
	return fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "glassworks-cli-")));
}
