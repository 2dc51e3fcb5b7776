// `npm run check [name ...]`: format and lint, types, import rules, dead code, sizes. Runs them all and prints one line for each.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { checkImports } from "./checkImports.ts";
import { checkSize } from "./checkSize.ts";
import { sourceFiles } from "./sourceFiles.ts";

interface Outcome {
	passed: boolean;
	/** What was looked at, or what was found. */
	detail: string;
}

const root = path.resolve(import.meta.dirname, "..");

/** Runs a tool of node_modules on this Node. Its output is the detail when it fails. */
function runTool(script: string, args: string[], done: (output: string) => string): Outcome {
	const result = spawnSync(process.execPath, [path.join(root, "node_modules", script), ...args], {
		cwd: root,
		encoding: "utf8",
		stdio: ["ignore", "pipe", "pipe"],
		maxBuffer: 64 * 1024 * 1024,
	});
	const output = `${result.stdout ?? ""}${result.stderr ?? ""}${result.error ? `\n${result.error.message}` : ""}`.trim();
	return result.status === 0 ? { passed: true, detail: done(output) } : { passed: false, detail: output || `ended with ${result.status}` };
}

function checkTypes(): Outcome {
	const projects = [".", "web", "n8n"].filter((folder) => fs.existsSync(path.join(root, folder, "tsconfig.json")));
	const failed = projects.map((project) => runTool("typescript/bin/tsc", ["-p", project], () => "")).filter((outcome) => !outcome.passed);
	if (failed.length > 0) return { passed: false, detail: failed.map((outcome) => outcome.detail).join("\n") };
	return { passed: true, detail: `${projects.length} project${projects.length > 1 ? "s" : ""} (${projects.join(", ")})` };
}

const listed = (problems: string[], passed: string): Outcome =>
	problems.length > 0 ? { passed: false, detail: problems.join("\n") } : { passed: true, detail: passed };

const checks: Record<string, () => Outcome | Promise<Outcome>> = {
	format: () =>
		runTool("@biomejs/biome/bin/biome", ["check", "--error-on-warnings", "--max-diagnostics=60", "."], (output) => {
			return output.match(/Checked \d+ files/)?.[0].toLowerCase() ?? "no file count";
		}),
	types: checkTypes,
	imports: async () => {
		const { seen, problems } = await checkImports(root);
		return listed(problems, `${seen} modules seen, all ${sourceFiles(root).length} there are`);
	},
	"dead-code": () => runTool("knip/bin/knip.js", ["--no-progress"], () => "no unused file, export or dependency"),
	size: () => {
		const { files, functions, problems } = checkSize(root);
		return listed(problems, `${files} files, ${functions} functions`);
	},
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in checks));
if (unknown.length > 0) {
	console.error(`No check named ${unknown.join(", ")}. There are: ${Object.keys(checks).join(", ")}.`);
	process.exit(2);
}
for (const [name, check] of Object.entries(checks)) {
	if (asked.length > 0 && !asked.includes(name)) continue;
	const { passed, detail } = await check();
	console.log(passed ? `ok    ${name}: ${detail}` : `FAIL  ${name}\n${detail.replace(/^/gm, "      ")}`);
	if (!passed) process.exitCode = 1;
}
