// `npm run bench:first-picture [-- --quick] [-- --json]`: how long whole commands take from Enter to the picture on disk.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

interface Measurement {
	name: string;
	goalS: number;
	seconds: number[];
}

const launcher = path.resolve(import.meta.dirname, "../server/bin/launch.js");
const { values: options } = parseArgs({
	options: { quick: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
});
const runs = options.quick ? 1 : 3;
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "glassworks-bench-"));
let pictures = 0;

function launch(args: string[], dataDir: string): ChildProcess {
	const { PATH = "", HOME = "" } = process.env;
	const env = { PATH, HOME, GLASSWORKS_DATA: dataDir, GLASSWORKS_PORT: "0", GLASSWORKS_LOG_LEVEL: "error" };
	return spawn(process.execPath, [launcher, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
}

/** Seconds of one `generate`, from starting the process to its end. @throws when it leaves no PNG */
async function timeGenerate(dataDir: string): Promise<number> {
	const out = path.join(scratch, `picture-${pictures++}.png`);
	const started = performance.now();
	const child = launch(["generate", "a red apple", "--out", out], dataDir);
	let said = "";
	for (const stream of [child.stdout, child.stderr])
		stream?.on("data", (chunk) => {
			said += chunk;
		});
	const [code] = await once(child, "close");
	const seconds = (performance.now() - started) / 1_000;
	if (code !== 0) throw new Error(`generate ended with ${code}:\n${said}`);
	if (fs.readFileSync(out).toString("latin1", 1, 4) !== "PNG") throw new Error("generate wrote no PNG");
	return seconds;
}

async function measure(): Promise<Measurement[]> {
	const first = { name: "first picture, fresh data folder", goalS: 15, seconds: [] as number[] };
	const later = { name: "later picture, same folder", goalS: 5, seconds: [] as number[] };
	const served = { name: "later picture, running server", goalS: 5, seconds: [] as number[] };
	for (let run = 0; run < runs; run++) {
		const dataDir = path.join(scratch, `data-${run}`);
		first.seconds.push(await timeGenerate(dataDir));
		later.seconds.push(await timeGenerate(dataDir));
	}
	const dataDir = path.join(scratch, "data-0");
	const server = launch(["serve"], dataDir);
	try {
		if (!server.stdout) throw new Error("the server has no output");
		await Promise.race([once(server.stdout, "data"), once(server, "close").then(() => Promise.reject(new Error("the server ended")))]);
		// Loads the network, as the first caller of the day does.
		await timeGenerate(dataDir);
		for (let run = 0; run < runs; run++) served.seconds.push(await timeGenerate(dataDir));
	} finally {
		server.kill("SIGTERM");
		if (server.exitCode === null && server.signalCode === null) await once(server, "close");
	}
	return [first, later, served];
}

function summarize(seconds: number[]): { minS: number; medianS: number; maxS: number } {
	const sorted = seconds.toSorted((a, b) => a - b);
	const at = (index: number) => Math.round((sorted[index] ?? Number.NaN) * 100) / 100;
	return { minS: at(0), medianS: at(Math.floor(sorted.length / 2)), maxS: at(sorted.length - 1) };
}

function describeMachine() {
	const cpus = os.cpus();
	return {
		cpu: cpus[0]?.model.trim() ?? "unknown",
		cores: os.availableParallelism(),
		memoryGiB: Math.round(os.totalmem() / 2 ** 30),
		loadAverage: Math.round((os.loadavg()[0] ?? 0) * 100) / 100,
		platform: `${os.platform()} ${os.arch()}`,
		node: process.versions.node,
	};
}

function print(
	machine: ReturnType<typeof describeMachine>,
	rows: (ReturnType<typeof summarize> & { name: string; goalS: number })[],
): void {
	const { cpu, cores, memoryGiB, loadAverage, platform, node } = machine;
	console.log(`${cpu}, ${cores} cores, ${memoryGiB} GiB, ${platform}, Node ${node}, load ${loadAverage} at the start; ${runs} run(s)\n`);
	const line = (name: string, cells: string[]) => console.log(name.padEnd(34) + cells.map((cell) => cell.padStart(9)).join(""));
	line("seconds", ["min", "median", "max", "goal", ""]);
	for (const { name, minS, medianS, maxS, goalS } of rows)
		line(name, [...[minS, medianS, maxS].map((value) => value.toFixed(2)), goalS.toFixed(0), maxS <= goalS ? "met" : "MISSED"]);
}

try {
	const machine = describeMachine();
	const measurements = await measure();
	const rows = measurements.map(({ name, goalS, seconds }) => ({ name, goalS, ...summarize(seconds) }));
	if (options.json) console.log(JSON.stringify({ machine, runs, measurements: rows }, null, 2));
	else print(machine, rows);
} finally {
	fs.rmSync(scratch, { recursive: true, force: true });
}
