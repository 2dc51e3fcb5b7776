import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

const root = path.join(import.meta.dirname, "../../..");
const folder = path.join(root, "sidecars/diffusers");
const python = path.join(root, ".cache/venv/bin/python");

/** Whether the Python environment is here with what the sidecar needs (GLASSWORKS_TEST_PYTHON=1 npm test makes it). */
export const hasSidecar = existsSync(python) && globSync(path.join(root, ".cache/venv/lib/python3*/site-packages/diffusers")).length > 0;

export interface Sidecar {
	url: string;
	headers: Record<string, string>;
	/** Lets its memory grow by so many bytes and no further; null: as much as there is. Linux only. */
	limitGrowth(bytes: number | null): void;
	/** What it logged so far. */
	log(): string;
	kill(): Promise<void>;
	/** Another process with the same data, at the same address. The one before must have been killed. */
	again(): Promise<Sidecar>;
	close(): Promise<void>;
}

/** Folder with tiny random pipelines of every family, built by the sidecar's own tests. */
export async function buildTinyModels(): Promise<string> {
	const models = await mkdtemp(path.join(os.tmpdir(), "glassworks-tiny-"));
	const { status, stderr } = spawnSync(python, ["tests/tiny.py", models], { cwd: folder, env: environment(), encoding: "utf8" });
	if (status !== 0) throw new Error(stderr);
	return models;
}

/** The real sidecar in a process of its own, on a free port, with a token. */
export async function startSidecar(models: string, earlier?: { data: string; port: string }): Promise<Sidecar> {
	const token = "test-token";
	const data = earlier?.data ?? (await mkdtemp(path.join(os.tmpdir(), "glassworks-sidecar-")));
	const args = [
		"-m",
		"glassworks_diffusers",
		"serve",
		"--models",
		models,
		"--data",
		data,
		"--port",
		earlier?.port ?? "0",
		"--device",
		"cpu",
	];
	const env = { ...environment(), GLASSWORKS_DIFFUSERS_TOKEN: token };
	const child = spawn(python, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
	let log = "";
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		log += text;
	});
	const kill = async () => {
		if (child.exitCode !== null || child.signalCode !== null) return;
		child.kill("SIGKILL");
		await once(child, "exit");
	};
	const url = await readAddress(child, () => log);
	return {
		url,
		again: () => startSidecar(models, { data, port: new URL(url).port }),
		headers: { authorization: `Bearer ${token}` },
		limitGrowth: (bytes) => limitGrowth(child.pid ?? 0, bytes),
		log: () => log,
		kill,
		close: async () => {
			await kill();
			await rm(data, { recursive: true, force: true });
		},
	};
}

function limitGrowth(pid: number, bytes: number | null): void {
	const script = `
import re, resource, sys
pid, growth = int(sys.argv[1]), int(sys.argv[2])
now = int(re.search(r"VmSize:\\s+(\\d+) kB", open(f"/proc/{pid}/status").read())[1]) * 1024
limit = resource.RLIM_INFINITY if growth < 0 else now + growth
resource.prlimit(pid, resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))`;
	const { status, stderr } = spawnSync(python, ["-c", script, String(pid), String(bytes ?? -1)], { encoding: "utf8" });
	if (status !== 0) throw new Error(stderr);
}

async function readAddress(child: ChildProcess, log: () => string): Promise<string> {
	if (!child.stdout) throw new Error("no output to read");
	for await (const line of createInterface({ input: child.stdout })) {
		const [, url] = /^listening on (\S+)$/.exec(line) ?? [];
		if (url) return url;
	}
	throw new Error(`the sidecar did not start: ${log()}`);
}

/** Networks this small gain nothing from threads, and on a busy machine lose much. */
function environment(): NodeJS.ProcessEnv {
	return { ...process.env, OMP_NUM_THREADS: "1", HF_HUB_OFFLINE: "1" };
}
