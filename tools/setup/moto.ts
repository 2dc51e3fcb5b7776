import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { findExecutable, findFreePort, runCommand, startDaemon, tiedToUs } from "./processes.ts";
import { missing, type Resource, ready } from "./resource.ts";

/** Only what its S3 needs: the extra `server` would bring every other service of Amazon's too. */
const packages = ["moto==5.2.5", "flask==3.1.3", "flask-cors==6.0.5", "PyYAML==6.0.4", "py-partiql-parser==0.6.3"];
const installLimitMs = 300_000;

/** An S3 for tests: the one named, or moto, which is installed from PyPI into `.cache/moto` where that may be and ends with us. */
export async function openS3(root: string): Promise<Resource> {
	const named = process.env.TEST_S3_ENDPOINT;
	if (named) return ready(named, "S3 (TEST_S3_ENDPOINT)");
	const python = findExecutable("python3");
	if (!python) return missing("no python3 to run moto with");
	const folder = path.join(root, ".cache/moto");
	return (await install(python, folder)) ?? startMoto(python, folder);
}

/** Into a folder of its own, without a virtual environment: that would take longer than moto itself. Returns why not, or null. */
async function install(python: string, folder: string): Promise<Resource | null> {
	const receipt = path.join(folder, "installed.txt");
	const wanted = packages.join("\n");
	if (fs.existsSync(receipt) && fs.readFileSync(receipt, "utf8") === wanted) return null;
	console.log("set-up: installing moto, the S3 of tests, with pip");
	fs.rmSync(folder, { recursive: true, force: true });
	const quiet = ["--quiet", "--no-input", "--disable-pip-version-check", "--no-compile"];
	const { code, output } = await runCommand(python, ["-m", "pip", "install", ...quiet, "--target", folder, ...packages], installLimitMs);
	if (code !== 0) return missing(`pip install moto failed: ${output.split("\n").at(-1) || "it took too long"}`);
	fs.writeFileSync(receipt, wanted);
	return null;
}

export async function startMoto(python: string, folder: string): Promise<Resource> {
	const logFile = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "glassworks-moto-")), "log");
	const remove = () => fs.rmSync(path.dirname(logFile), { recursive: true, force: true });
	try {
		const port = await findFreePort();
		const url = `http://127.0.0.1:${port}`;
		const answers = () =>
			fetch(`${url}/moto-api/`).then(
				(response) => response.ok,
				() => false,
			);
		const server = ["env", `PYTHONPATH=${folder}`, python, "-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)];
		const daemon = await startDaemon(tiedToUs(server, "KILL", null), logFile, "SIGTERM", answers);
		return ready(url, `moto, an S3 for tests, on port ${port}`, async () => {
			await daemon.stop();
			remove();
		});
	} catch (error) {
		remove();
		return missing(`moto did not start: ${error instanceof Error ? error.message : String(error)}`);
	}
}
