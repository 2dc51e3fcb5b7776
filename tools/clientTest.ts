// `npm run test:clients`: other services' clients, as they are published, against the real server. Python's come from PyPI into
// .cache/clients; JavaScript's are installed by npm.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const venv = path.join(root, ".cache/clients");
const requirements = path.join(root, "server/test/dialects/requirements.txt");
/** All of a folder's. */
const testFiles = ["server/test/dialects", "server/test/docs/dialectsPage.test.ts"];

/** @throws when the command fails */
function run(command: string, args: string[]): Promise<void> {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
		child.on("error", reject);
		child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`${path.basename(command)} ended with ${code}`))));
	});
}

try {
	if (!existsSync(path.join(venv, "bin/python"))) await run("python3", ["-m", "venv", venv]);
	await run(path.join(venv, "bin/python"), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]);
	await run(process.execPath, [path.join(root, "tools/test.ts"), ...testFiles, ...process.argv.slice(2)]);
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
}
