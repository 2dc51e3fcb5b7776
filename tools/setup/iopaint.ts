import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findExecutable, findFreePort, runCommand, tiedToUs } from "./processes.ts";

/** A real IOPaint on a loopback port. */
export interface IopaintServer {
	url: string;
	/** kill -9: IOPaint has nothing to save, and a gentle stop would wait for the picture that it draws. */
	stop(): Promise<void>;
}

export interface IopaintInstallation {
	/**
	 * Starts one with the model cv2. `powerPaint`: with the (tiny, random) files of PowerPaint V2. `port`: any free one when left out.
	 * @throws {Error} with the end of its log
	 */
	start(powerPaint: boolean, port?: number): Promise<IopaintServer>;
}

/**
 * Releases that work together. IOPaint runs on Python 3.11 at most, and its torch and torchvision must come from the same build. PyPI's
 * torch for Linux may bring CUDA; where that is not wanted, PIP_EXTRA_INDEX_URL can name an index of CPU builds.
 */
const packages = ["IOPaint==1.6.0", "torch==2.13.0", "torchvision==0.28.0", "transformers==4.48.3", "numpy==1.26.4", "accelerate==1.15.0"];
/**
 * Where the two are of different builds: the last torchvision that can be imported without its compiled operators. The models cv2 and
 * Stable Diffusion and the RealESRGAN plugin need none of them; the face plugins do.
 */
const torchvisionAlone = "torchvision==0.15.2";
const installLimitMs = 1_800_000;
const startLimitMs = 300_000;

/** Installs IOPaint from PyPI into `<root>/.cache/iopaint` and makes tiny models for it, unless that is done. @throws {Error} */
export async function installIopaint(root: string): Promise<IopaintInstallation> {
	const home = path.join(root, ".cache/iopaint");
	const python = path.join(home, "venv/bin/python");
	const writer = path.join(root, "server/test/engines/iopaint/tinyModels.py");
	const receipt = path.join(home, "installed.txt");
	const wanted = [...packages, torchvisionAlone, fs.readFileSync(writer, "utf8")].join("\n");
	if (!fs.existsSync(receipt) || fs.readFileSync(receipt, "utf8") !== wanted) {
		fs.rmSync(receipt, { force: true });
		await makeEnvironment(home, python);
		for (const [name, ...args] of [["full"], ["bare", "--without-powerpaint"]] as const) {
			const models = path.join(home, "models", name);
			fs.rmSync(models, { recursive: true, force: true });
			fs.mkdirSync(models, { recursive: true });
			await must(python, [writer, models, ...args], environment(models));
		}
		fs.writeFileSync(receipt, wanted);
	}
	return {
		start: async (powerPaint, port) =>
			start(python, path.join(home, "models", powerPaint ? "full" : "bare"), port ?? (await findFreePort())),
	};
}

async function makeEnvironment(home: string, python: string): Promise<void> {
	const base = ["python3.11", "python3.10"].map((name) => findExecutable(name)).find((file) => file !== null);
	if (!base) throw new Error("IOPaint needs Python 3.11 or 3.10, and neither is in PATH");
	fs.mkdirSync(home, { recursive: true });
	if (!fs.existsSync(python)) await must(base, ["-m", "venv", path.join(home, "venv")]);
	const pip = ["-m", "pip", "install", "--quiet", "--no-input"];
	await must(python, [...pip, ...packages]);
	const { code } = await runCommand(python, ["-W", "ignore", "-c", "import torchvision"], 120_000);
	if (code !== 0) await must(python, [...pip, "--no-deps", torchvisionAlone]);
}

async function must(command: string, args: string[], env = process.env): Promise<void> {
	const { code, output } = await runCommand(command, args, installLimitMs, env);
	if (code !== 0) throw new Error(`${path.basename(command)} ${args.slice(0, 3).join(" ")} failed:\n${lastLines(output)}`);
}

/** IOPaint keeps its models and the hub's cache below XDG_CACHE_HOME; offline, so that it never waits for a hub. */
function environment(models: string): NodeJS.ProcessEnv {
	return { ...process.env, XDG_CACHE_HOME: models, HF_HUB_OFFLINE: "1", HF_HOME: path.join(models, "huggingface") };
}

async function start(python: string, models: string, port: number): Promise<IopaintServer> {
	const url = `http://127.0.0.1:${port}`;
	const args = ["-m", "iopaint", "start", "--model", "cv2", "--host", "127.0.0.1", "--port", `${port}`, "--model-dir", models];
	const [command = "", ...rest] = tiedToUs([python, ...args, "--enable-realesrgan"], "KILL", null);
	const logFile = path.join(models, `iopaint-${port}.log`);
	const log = fs.openSync(logFile, "w");
	const child = spawn(command, rest, { stdio: ["ignore", log, log], env: environment(models) });
	fs.closeSync(log);
	let failure: string | null = null;
	child.on("error", (error) => (failure = error.message));
	const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
	const running = () => failure === null && child.exitCode === null && child.signalCode === null;
	const stop = async () => {
		if (running()) child.kill("SIGKILL");
		await ended;
	};
	for (const deadline = Date.now() + startLimitMs; running() && Date.now() < deadline; await sleep(200)) {
		const answer = await fetch(`${url}/api/v1/model`).catch(() => null);
		if (answer?.ok) return { url, stop };
	}
	await stop();
	throw new Error(failure ?? lastLines(fs.readFileSync(logFile, "utf8")));
}

function lastLines(text: string): string {
	return text.trim().split("\n").slice(-12).join("\n");
}
