// `npm test`, or `node tools/node24.js tools/test.ts [file ...] [-t name]`: sets up what the suites need, runs them, and ends with
// the line "N passed, N failed[, N skipped]". What this machine lacks is named, and the suites that need it are counted as skipped.
// Suites named *.long.test.ts run only when files are asked for: `npm run test:long` runs all of them.
import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { openChromium } from "./setup/chromium.ts";
import { openS3 } from "./setup/moto.ts";
import { neededResources, type ResourceName, resourceNames } from "./setup/neededResources.ts";
import { openPostgres } from "./setup/postgres.ts";
import { pythonFolders, runPythonTests } from "./setup/python.ts";
import { openRedis } from "./setup/redis.ts";
import type { Resource } from "./setup/resource.ts";
import { sourceFiles } from "./sourceFiles.ts";
import { addCounts, type Counts, countTests, describeCounts, listSkipped, type VitestReport } from "./testSummary.ts";

const root = path.resolve(import.meta.dirname, "..");
const openers: Record<ResourceName, () => Promise<Resource>> = {
	TEST_DATABASE_URL: openPostgres,
	TEST_REDIS_URL: openRedis,
	TEST_S3_ENDPOINT: () => openS3(root),
	TEST_CHROMIUM: openChromium,
};

const resources = new Map<ResourceName, Resource>();
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "glassworks-test-"));
const stopping = new AbortController();
let vitest: ChildProcess | null = null;

async function cleanUp(): Promise<void> {
	await Promise.all([...resources.values()].map((resource) => resource.found && resource.close()));
	fs.rmSync(scratch, { recursive: true, force: true });
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
	process.once(signal, async () => {
		stopping.abort();
		vitest?.kill("SIGTERM");
		await cleanUp();
		process.exit(128 + os.constants.signals[signal]);
	});
}

/** Opens only what the chosen test files ask for, so that one unit test starts no database. */
async function openResources(testFiles: string[]): Promise<void> {
	// The tests of the set-up mention every resource and need none.
	const users = testFiles.filter((file) => !file.startsWith("tools/"));
	const needed = new Set(users.flatMap((file) => [...neededResources(path.join(root, file))]));
	for (const name of resourceNames) {
		if (!needed.has(name) || stopping.signal.aborted) continue;
		const resource = await openers[name]();
		resources.set(name, resource);
		console.log(resource.found ? `set-up: ${resource.about}` : `set-up: ${name} is MISSING: ${resource.why}`);
	}
}

async function runVitest(filters: string[]): Promise<Counts> {
	const reportFile = path.join(scratch, "vitest.json");
	const env: NodeJS.ProcessEnv = { ...process.env, ...(filters.length > 0 && { GLASSWORKS_LONG_TESTS: "1" }) };
	for (const [name, resource] of resources) {
		if (resource.found) env[name] = resource.value;
		else delete env[name];
	}
	const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
	const exitCode = await new Promise<number>((resolve) => {
		const child = spawn(process.execPath, [path.join(root, "node_modules/vitest/vitest.mjs"), "run", ...reporters, ...filters], {
			cwd: root,
			stdio: ["ignore", "inherit", "inherit"],
			env,
		});
		vitest = child;
		child.on("error", () => resolve(1));
		child.on("exit", (code) => resolve(code ?? 1));
	});
	const report = fs.existsSync(reportFile) ? (JSON.parse(fs.readFileSync(reportFile, "utf8")) as VitestReport) : null;
	if (report) nameSkipped(report);
	return countTests(report, exitCode);
}

function nameSkipped(report: VitestReport): void {
	for (const { file, suite, tests } of listSkipped(report, root)) {
		const lacking = [...neededResources(path.join(root, file))].filter((name) => resources.get(name)?.found === false);
		console.log(`skipped: ${file}: ${suite} (${tests})${lacking.length > 0 ? `: needs ${lacking.join(", ")}` : ""}`);
	}
}

async function runPython(folders: string[]): Promise<Counts> {
	let counts: Counts = { passed: 0, failed: 0, skipped: 0 };
	for (const folder of folders) {
		const run = await runPythonTests(root, folder, path.join(scratch, "pytest.xml"), stopping.signal);
		if (run?.why) console.log(`skipped: ${folder}/tests (${run.counts.skipped}): ${run.why}`);
		if (run) counts = addCounts(counts, run.counts);
	}
	return counts;
}

const args = process.argv.slice(2);
const isPython = (filter: string) => pythonFolders.some((folder) => filter === folder || filter.startsWith(`${folder}/`));
const filters = args.filter((arg) => !isPython(arg));
const fileFilters = filters.filter((arg, index) => !arg.startsWith("-") && filters[index - 1] !== "-t");
const testFiles = sourceFiles(root).filter(
	(file) =>
		/\.test\.tsx?$/.test(file) && (fileFilters.length === 0 || fileFilters.some((filter) => file.includes(filter.replace(/^\.\//, "")))),
);

let counts: Counts = { passed: 0, failed: 0, skipped: 0 };
try {
	if (filters.length > 0 || args.length === 0) {
		await openResources(testFiles);
		counts = addCounts(counts, await runVitest(filters));
	}
	counts = addCounts(
		counts,
		await runPython(args.length === 0 ? pythonFolders : pythonFolders.filter((folder) => args.some((arg) => arg.startsWith(folder)))),
	);
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	counts.failed++;
}
await cleanUp();
process.exitCode = counts.failed > 0 ? 1 : 0;
console.log(describeCounts(counts));
