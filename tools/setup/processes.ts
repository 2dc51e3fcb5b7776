import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface CommandResult {
	/** Null when it was ended by a signal or by its time limit, or could not be started. */
	code: number | null;
	output: string;
}

/** Runs a command without standard input and collects what it says. Never throws; ends it after `timeoutMs`. */
export function runCommand(
	command: string,
	args: string[],
	timeoutMs: number,
	env: NodeJS.ProcessEnv = process.env,
): Promise<CommandResult> {
	return new Promise((resolve) => {
		let output = "";
		const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], timeout: timeoutMs, env });
		for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
		child.on("error", (error) => resolve({ code: null, output: error.message }));
		child.on("close", (code) => resolve({ code, output: output.trim() }));
	});
}

/** Path of an executable: the first of `folders` that has it, else of PATH. */
export function findExecutable(name: string, folders: string[] = []): string | null {
	const everywhere = [...folders, ...(process.env.PATH ?? "").split(path.delimiter)];
	const files = everywhere.filter((folder) => folder !== "").map((folder) => path.join(folder, name));
	return files.find((file) => fs.existsSync(file)) ?? null;
}

/** A TCP port of the loopback address that nobody listens on right now. */
export function findFreePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = net.createServer().on("error", reject);
		server.listen(0, "127.0.0.1", () => {
			const address = server.address();
			server.close(() => (address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port"))));
		});
	});
}

/**
 * A command line that ends with us even when we are killed with -9 (where setpriv is there to ask the kernel for it),
 * as `user` when one is given and we are root.
 */
export function tiedToUs(command: string[], deathSignal: "INT" | "KILL", user: string | null): string[] {
	const setpriv = findExecutable("setpriv");
	if (!setpriv) return command;
	const identity = user === null ? [] : [`--reuid=${user}`, `--regid=${groupOf(user)}`, "--init-groups"];
	return [setpriv, ...identity, `--pdeathsig=${deathSignal}`, ...command];
}

/** The numeric primary group of a user of /etc/passwd. */
function groupOf(user: string): string {
	return passwdEntry(user)?.[3] ?? user;
}

/** The fields of a user's line in /etc/passwd, or null. */
export function passwdEntry(user: string): string[] | null {
	if (!fs.existsSync("/etc/passwd")) return null;
	const lines = fs.readFileSync("/etc/passwd", "utf8").split("\n");
	return lines.map((line) => line.split(":")).find(([name]) => name === user) ?? null;
}

export interface Daemon {
	child: ChildProcess;
	stop(): Promise<void>;
}

/**
 * Starts a server and waits until `isReady`. Its log goes to `logFile`.
 * @throws {Error} with the end of the log when it ends or is not ready within 30 s.
 */
export async function startDaemon(
	commandLine: string[],
	logFile: string,
	stopSignal: NodeJS.Signals,
	isReady: () => Promise<boolean>,
): Promise<Daemon> {
	const [command = "", ...args] = commandLine;
	const log = fs.openSync(logFile, "a");
	const child = spawn(command, args, { stdio: ["ignore", log, log], cwd: os.tmpdir() });
	fs.closeSync(log);
	let failure: string | null = null;
	child.on("error", (error) => (failure = error.message));
	const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
	const running = () => failure === null && child.exitCode === null && child.signalCode === null;
	const stop = async () => {
		if (!running()) return;
		child.kill(stopSignal);
		const killer = setTimeout(() => child.kill("SIGKILL"), 10_000);
		await ended;
		clearTimeout(killer);
	};
	for (const deadline = Date.now() + 30_000; running() && Date.now() < deadline; await sleep(100)) {
		if (await isReady()) return { child, stop };
	}
	await stop();
	throw new Error(failure ?? fs.readFileSync(logFile, "utf8").trim().split("\n").slice(-5).join("\n"));
}
