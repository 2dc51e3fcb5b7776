import { findExecutable, runCommand } from "./processes.ts";

const updateTimeoutMs = 90_000;
const installTimeoutMs = 300_000;

/** Installs Debian packages when we may: as root or with a sudo that asks for no password. Returns why it could not, or null. */
export async function installPackages(names: string[]): Promise<string | null> {
	const apt = findExecutable("apt-get");
	if (!apt) return "there is no apt-get to install it with";
	const root = process.getuid?.() === 0;
	if (!root && (await runCommand("sudo", ["-n", "true"], 10_000)).code !== 0)
		return `not root, so not installed (apt-get install ${names.join(" ")})`;
	const limits = ["-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20"];
	const run = (args: string[], timeoutMs: number) => {
		const command = ["env", "DEBIAN_FRONTEND=noninteractive", apt, ...limits, ...args];
		return root ? runCommand("env", command.slice(1), timeoutMs) : runCommand("sudo", ["-n", ...command], timeoutMs);
	};
	console.log(`set-up: installing ${names.join(" ")} with apt-get`);
	const updated = await run(["update", "-qq"], updateTimeoutMs);
	const installed = await run(["install", "-y", "-qq", "--no-install-recommends", ...names], installTimeoutMs);
	if (installed.code === 0) return null;
	const said = `${updated.code === 0 ? "" : `${updated.output}\n`}${installed.output}`.trim().split("\n").at(-1) ?? "";
	return `apt-get install ${names.join(" ")} failed: ${said || "it took too long"}`;
}
