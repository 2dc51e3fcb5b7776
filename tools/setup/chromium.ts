import fs from "node:fs";
import { installPackages } from "./apt.ts";
import { findExecutable, runCommand } from "./processes.ts";
import { missing, type Resource, ready } from "./resource.ts";

/** Path of a Chromium that starts: the one named, one that is installed, or Debian's. */
export async function openChromium(): Promise<Resource> {
	const named = process.env.TEST_CHROMIUM;
	if (named) {
		const version = await versionOf(named);
		if (!version) throw new Error(`TEST_CHROMIUM does not start: ${named}`);
		return ready(named, `${version} (TEST_CHROMIUM)`);
	}
	const installed = await findChromium();
	if (installed.found) return installed;
	const why = await installPackages(["chromium"]);
	return why ? missing(why) : findChromium();
}

async function findChromium(): Promise<Resource> {
	const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"].map((name) => findExecutable(name, ["/usr/bin"]));
	const files = [...names, "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];
	for (const file of files) {
		const version = file && fs.existsSync(file) ? await versionOf(file) : null;
		if (file && version) return ready(file, version);
	}
	return missing("no Chromium is installed");
}

/** "Chromium 156.0.8078.79", or null when it does not start (Ubuntu's chromium-browser is often an empty shell). */
async function versionOf(file: string): Promise<string | null> {
	const { code, output } = await runCommand(file, ["--version"], 30_000);
	return code === 0 ? (output.match(/(Chromium|Google Chrome) [\d.]+/)?.[0] ?? null) : null;
}
