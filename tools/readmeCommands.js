// Runs the README's commands as they are written there, in a clean clone, so that the README cannot drift from what works:
// the first ```sh block (set-up), `npm run check`, and the second ```sh block (tests). Plain JavaScript: runs before npm ci, on Node 20.
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "glassworks-ci-"));
const clone = path.join(scratch, "glassworks");
let running = null;

/** The ```sh blocks of a Markdown text, in order. */
function shellBlocks(markdown) {
	return [...markdown.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1]);
}

/** Copies what is committed; a checkout without git is copied as it lies. */
function makeClone() {
	// The checkout may belong to another user, which git refuses unless told.
	const gitConfig = path.join(scratch, "gitconfig");
	fs.writeFileSync(gitConfig, "[safe]\n\tdirectory = *\n");
	const env = { ...process.env, GIT_CONFIG_GLOBAL: gitConfig };
	const git = (...args) => spawnSync("git", args, { cwd: root, env, stdio: ["ignore", "pipe", "inherit"], encoding: "utf8" });
	if (!fs.existsSync(path.join(root, ".git"))) {
		const skipped = new Set(["node_modules", "dist", ".cache", ".glassworks"]);
		fs.cpSync(root, clone, { recursive: true, filter: (file) => !skipped.has(path.basename(file)) });
		return;
	}
	if (git("status", "--porcelain").stdout.trim() !== "")
		console.log("Note: the checkout has changes that are not committed; they are not tested.");
	if (git("clone", "--quiet", "--no-hardlinks", root, clone).status !== 0) throw new Error("git clone failed");
}

/** Runs a script with bash in the clone, shows what it says, and returns it. Stops at the first command that fails. */
function run(title, script) {
	console.log(`\n== ${title}`);
	return new Promise((resolve) => {
		let output = "";
		running = spawn("bash", ["-exo", "pipefail", "-c", script], { cwd: clone, stdio: ["ignore", "pipe", "pipe"], detached: true });
		for (const [stream, target] of [
			[running.stdout, process.stdout],
			[running.stderr, process.stderr],
		]) {
			stream.on("data", (bytes) => {
				output += bytes;
				target.write(bytes);
			});
		}
		running.on("error", (error) => resolve({ passed: false, output: error.message }));
		running.on("close", (code) => resolve({ passed: code === 0, output }));
	});
}

/** Files that the set-up commands promise with `--out` and that are not there. */
function missingResults(script) {
	const files = [...script.matchAll(/--out (\S+)/g)].map((match) => path.join(clone, match[1]));
	return files.filter((file) => !fs.existsSync(file) || fs.statSync(file).size === 0);
}

async function main() {
	makeClone();
	const [setUp, tests] = shellBlocks(fs.readFileSync(path.join(clone, "README.md"), "utf8"));
	if (!setUp || !tests) throw new Error("README.md needs two ```sh blocks: set-up, then tests");
	const problems = [];
	const setUpRun = await run("README: set-up", setUp);
	if (!setUpRun.passed) return { passed: 0, failed: 1, skipped: 0, problems: ["the README's set-up commands failed"] };
	for (const file of missingResults(setUp)) problems.push(`the README's set-up commands made no ${path.basename(file)}`);
	if (!(await run("checks", "npm run check")).passed) problems.push("npm run check failed");
	const testRun = await run("README: tests", tests);
	const lines = [...testRun.output.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)];
	const [, passed = 0, failed = 0, skipped = 0] = lines.at(-1) ?? [];
	if (lines.length === 0 || (!testRun.passed && Number(failed) === 0)) problems.push("the README's test command failed");
	return { passed: Number(passed), failed: Number(failed) + problems.length, skipped: Number(skipped), problems };
}

function cleanUp() {
	fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
	process.once(signal, () => {
		if (running?.pid) process.kill(-running.pid, "SIGTERM");
		cleanUp();
		process.exit(128 + os.constants.signals[signal]);
	});
}
const result = await main().catch((error) => ({ passed: 0, failed: 1, skipped: 0, problems: [error.message] }));
cleanUp();
for (const problem of result.problems) console.log(`FAILED: ${problem}`);
console.log(`${result.passed} passed, ${result.failed} failed${result.skipped > 0 ? `, ${result.skipped} skipped` : ""}`);
process.exitCode = result.failed > 0 ? 1 : 0;
