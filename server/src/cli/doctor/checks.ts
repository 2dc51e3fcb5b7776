import fs from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import type { Config } from "../../config.ts";
import { GlassworksError } from "../../domain/errors.ts";
import { operatorConfig } from "../../domain/plans/operatorConfig.ts";
import type { Capability, Log } from "../../domain/ports.ts";
import { readServerInfo } from "../../lockFile.ts";
import type { CliDeps } from "../deps.ts";

/** What a check found. `advice` says what to do about anything but ok. */
export interface Finding {
	level: "ok" | "warn" | "fail";
	what: string;
	found: string;
	advice: string | null;
}

export interface CheckPorts {
	config: Config;
	openPorts: CliDeps["openPorts"];
	signal: AbortSignal;
}

const gibibyte = 1_073_741_824;
const silence: Log = { info() {}, warn() {}, error() {} };

/** Every check, in the order they are shown. One that throws is a failed one. */
export const checks: { what: string; run(ports: CheckPorts): Promise<Finding[]> }[] = [
	{ what: "Node", run: async () => [checkNode(process.versions.node)] },
	{ what: "data folder", run: async ({ config }) => [await checkFolder(config.dataDir)] },
	{ what: "disk space", run: async ({ config }) => [await checkDisk(config.dataDir)] },
	{ what: "configuration", run: async ({ config }) => [await checkOperatorFile(config.operatorConfigFile)] },
	{ what: "database", run: async (ports) => [await checkDatabase(ports)] },
	{ what: "engines", run: async ({ config }) => checkEngines(config) },
	{ what: "models", run: async ({ config, signal }) => [await checkModels(config, signal)] },
];

export async function runCheck({ what, run }: (typeof checks)[number], ports: CheckPorts): Promise<Finding[]> {
	try {
		return await run(ports);
	} catch (error) {
		return [fail(what, error instanceof Error ? error.message : String(error), "Mend what the message names and run this again.")];
	}
}

const ok = (what: string, found: string): Finding => ({ level: "ok", what, found, advice: null });
const warn = (what: string, found: string, advice: string): Finding => ({ level: "warn", what, found, advice });
const fail = (what: string, found: string, advice: string): Finding => ({ level: "fail", what, found, advice });

export function checkNode(version: string): Finding {
	return Number(version.split(".")[0]) >= 24 ? ok("Node", version) : fail("Node", version, "Install Node 24 or newer.");
}

async function checkFolder(dataDir: string): Promise<Finding> {
	const folder = await nearestFolder(dataDir);
	const probe = path.join(folder, `.glassworks-doctor-${process.pid}`);
	try {
		await fs.writeFile(probe, "", { flag: "wx" });
		await fs.rm(probe);
	} catch (error) {
		return fail(
			"data folder",
			`${dataDir} cannot be written: ${error instanceof Error ? error.message : error}`,
			"Change its permissions, or set GLASSWORKS_DATA to another folder.",
		);
	}
	return ok("data folder", folder === dataDir ? dataDir : `${dataDir}, made at the first start`);
}

async function checkDisk(dataDir: string): Promise<Finding> {
	const { bavail, bsize } = await fs.statfs(await nearestFolder(dataDir));
	return judgeDisk(bavail * bsize);
}

export function judgeDisk(freeBytes: number): Finding {
	const found = `${(freeBytes / gibibyte).toFixed(1)} GiB free`;
	if (freeBytes < 0.5 * gibibyte) return fail("disk space", found, "Free at least 0.5 GiB: pictures and the database would not fit.");
	if (freeBytes < 5 * gibibyte)
		return warn("disk space", found, "Pictures take about 1 MiB each; free some space or set GLASSWORKS_DATA to a larger disk.");
	return ok("disk space", found);
}

async function checkOperatorFile(file: string): Promise<Finding> {
	const { glassworks } = (await import(pathToFileURL(file).href)) as { glassworks?: unknown };
	const parsed = operatorConfig.safeParse(glassworks);
	if (parsed.success)
		return ok("configuration", `${file}: ${parsed.data.models.length} models, ${Object.keys(parsed.data.plans).length} plans`);
	return fail("configuration", z.prettifyError(parsed.error).replaceAll("\n", " "), `Mend ${file}; it must export \`glassworks\`.`);
}

async function checkDatabase({ config, openPorts }: CheckPorts): Promise<Finding> {
	const running = await readServerInfo(config.dataDir);
	if (running) return checkServer(running.url);
	if (!config.databaseUrl && !(await exists(config.dataDir))) return ok("database", "embedded, made at the first start");
	try {
		await (await openPorts(config)).close();
		return ok("database", config.databaseUrl ? "PostgreSQL answers, schema up to date" : "embedded, schema up to date");
	} catch (error) {
		const advice = config.databaseUrl
			? "Check DATABASE_URL and that the database runs."
			: "Stop the process that the message names, or look into its log.";
		return fail("database", error instanceof GlassworksError ? error.message : String(error), advice);
	}
}

/** A server that runs has the database: it is asked. */
async function checkServer(url: string): Promise<Finding> {
	const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) });
	const { checks: parts } = z.looseObject({ checks: z.record(z.string(), z.string()).default({}) }).parse(await response.json());
	const found = `server at ${url}: ${Object.entries(parts)
		.map(([name, state]) => `${name} ${state}`)
		.join(", ")}`;
	return response.ok ? ok("database", found) : fail("database", found, "Look into the server's log.");
}

async function checkEngines(config: Config): Promise<Finding[]> {
	const { openEngines } = await import("../openEngines.ts");
	const { engines, close } = await openEngines(config, silence);
	try {
		const found: Capability[] = [];
		for (const engine of engines) found.push(...(await engine.capabilities()).map((info) => info.capability));
		return judgeCapabilities(found);
	} finally {
		await close();
	}
}

export function judgeCapabilities(found: readonly Capability[]): Finding[] {
	const has = (kind: string) => found.some((capability) => capability.startsWith(`${kind}:`));
	if (!has("generate")) return [fail("engines", "nothing here can draw", "Install Glassworks again: its models folder is not complete.")];
	const findings = [ok("engines", found.join(", "))];
	if (!has("restore_faces"))
		findings.push(warn("face restoration", "no model installed; the step is skipped", "Run `glassworks models pull gfpgan`."));
	if (!has("upscale"))
		findings.push(
			warn("upscaling", "no model installed; the step is skipped", "Install Glassworks again: its models folder is not complete."),
		);
	return findings;
}

async function checkModels(config: Config, signal: AbortSignal): Promise<Finding> {
	const { verifyModels } = await import("../../models/listModels.ts");
	const files = await verifyModels(config, signal);
	const wrong = files.filter((file) => file.state !== "ok");
	if (wrong.length === 0) return ok("models", `${files.length} files are as they should be`);
	return fail(
		"models",
		wrong.map((file) => `${file.path} (${file.state.replaceAll("_", " ")})`).join(", "),
		"Pull those models again, or install Glassworks again.",
	);
}

async function exists(file: string): Promise<boolean> {
	return fs.access(file).then(
		() => true,
		() => false,
	);
}

/** The folder itself, or where it would be made. */
async function nearestFolder(folder: string): Promise<string> {
	for (let candidate = folder; ; candidate = path.dirname(candidate)) if (await exists(candidate)) return candidate;
}
