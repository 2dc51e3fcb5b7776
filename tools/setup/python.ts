import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import type { Counts } from "../testSummary.ts";
import { runCommand } from "./processes.ts";

/** Folders that may hold Python with a `tests` folder, and a `requirements.txt` there or one folder below. */
export const pythonFolders = ["training", "sidecars/diffusers"];

export interface PythonRun {
	counts: Counts;
	/** Why its tests were not run; null when they were. */
	why: string | null;
}

/**
 * Runs the tests below `<folder>/tests`, or null when there are none. Their environment is large (torch), so an everyday run has them only
 * where `.cache/venv` exists; GLASSWORKS_TEST_PYTHON=1 makes it first, from their `requirements.txt`.
 */
export async function runPythonTests(root: string, folder: string, reportFile: string, signal: AbortSignal): Promise<PythonRun | null> {
	const tests = countTestFunctions(path.join(root, folder, "tests"));
	if (tests === 0) return null;
	const venv = path.join(root, ".cache/venv");
	const notRun = (why: string): PythonRun => ({ counts: { passed: 0, failed: 0, skipped: tests }, why });
	if (process.env.GLASSWORKS_TEST_PYTHON === "1") {
		const why = await prepare(venv, findRequirements(path.join(root, folder)));
		if (why) return notRun(why);
	}
	const python = path.join(venv, "bin/python");
	if (!fs.existsSync(python)) return notRun("no Python environment; GLASSWORKS_TEST_PYTHON=1 npm test makes it (1.4 GB)");
	fs.rmSync(reportFile, { force: true });
	const code = await new Promise<number | null>((resolve) => {
		const args = ["-m", "pytest", "-q", "-p", "no:cacheprovider", `--junitxml=${reportFile}`, "tests"];
		const child = spawn(python, args, { cwd: path.join(root, folder), stdio: ["ignore", "inherit", "inherit"], signal });
		child.on("error", () => resolve(null));
		child.on("exit", resolve);
	});
	return { counts: countJunit(fs.existsSync(reportFile) ? fs.readFileSync(reportFile, "utf8") : "", code), why: null };
}

/** Where `training` has one for each of its parts, `sidecars/diffusers` has one for all. */
function findRequirements(folder: string): string[] {
	const folders = fs.readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
	const candidates = [folder, ...folders.map((entry) => path.join(folder, entry.name))];
	return candidates.map((each) => path.join(each, "requirements.txt")).filter((file) => fs.existsSync(file));
}

/** Makes the environment and installs what `requirements` name. Returns why it could not, or null. */
async function prepare(venv: string, requirements: string[]): Promise<string | null> {
	if (requirements.length === 0) return "there is no requirements.txt";
	const steps: [string, string[], number][] = [
		...(fs.existsSync(path.join(venv, "bin/python")) ? [] : ([["python3", ["-m", "venv", venv], 120_000]] as [string, string[], number][])),
		[
			path.join(venv, "bin/python"),
			["-m", "pip", "install", "--quiet", "--no-input", ...requirements.flatMap((file) => ["-r", file])],
			1_200_000,
		],
	];
	for (const [command, args, timeoutMs] of steps) {
		const { code, output } = await runCommand(command, args, timeoutMs);
		if (code !== 0) return `${path.basename(command)} ${args.slice(0, 3).join(" ")} failed: ${output.split("\n").at(-1)}`;
	}
	return null;
}

function countTestFunctions(folder: string): number {
	if (!fs.existsSync(folder)) return 0;
	const files = fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /(^|\/)test_[^/]*\.py$/.test(name));
	const texts = files.map((name) => fs.readFileSync(path.join(folder, name), "utf8"));
	return texts.reduce((sum, text) => sum + (text.match(/^\s*(async )?def test_/gm)?.length ?? 0), 0);
}

/** Counts of a pytest report. A run without a report, or that ended badly with no failed test, counts as one failure. */
export function countJunit(xml: string, exitCode: number | null): Counts {
	const suite = xml.match(/<testsuite [^>]*>/)?.[0] ?? "";
	const number = (name: string) => Number(suite.match(new RegExp(`\\b${name}="(\\d+)"`))?.[1] ?? 0);
	const failed = number("failures") + number("errors");
	const skipped = number("skipped");
	return { passed: number("tests") - failed - skipped, failed: failed === 0 && exitCode !== 0 ? 1 : failed, skipped };
}
