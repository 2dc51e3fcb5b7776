import type { Command } from "commander";
import type { CliDeps } from "./deps.ts";
import { CliFailure } from "./failure.ts";
import { table } from "./terminal.ts";

interface PullCommand {
	from?: string;
	acceptLicence?: string;
	allowUnverified: boolean;
}

/** Files of networks on this machine; these commands need no server. */
export function addModels(program: Command, deps: CliDeps): void {
	const models = program.command("models").description("Networks installed on this machine: list, pull, verify.");
	models
		.command("list")
		.description("Every network that ships or can be pulled.")
		.option("--json", "print JSON", false)
		.action((options: { json: boolean }) => list(deps, options));
	models
		.command("pull")
		.description("Fetch a network, check it and prepare it. Safe to repeat.")
		.argument("<name>", "from `glassworks models list`")
		.option("--from <file>", "take this file instead of downloading")
		.option("--accept-licence <id>", "accept the terms of a licence that restricts use, such as s-lab")
		.option("--allow-unverified", "take a file whose digest is not certain", false)
		.action((name: string, options: PullCommand) => pull(deps, name, options));
	models
		.command("verify")
		.description("Read every installed file and compare it with what it should be.")
		.option("--json", "print JSON", false)
		.action((options: { json: boolean }) => verify(deps, options));
}

async function list({ readConfig, terminal }: CliDeps, { json }: { json: boolean }): Promise<void> {
	const { listModels } = await import("../models/listModels.ts");
	const found = await listModels(readConfig());
	if (json) return terminal.printJson(found);
	const rows = found.map((model) => [
		model.name,
		model.isInstalled ? "installed" : "not installed",
		formatBytes(model.bytes),
		model.licence,
		model.note ?? "",
	]);
	terminal.print(table(["NAME", "STATE", "SIZE", "LICENCE", "NOTE"], rows));
}

async function pull({ readConfig, terminal, stop }: CliDeps, name: string, options: PullCommand): Promise<void> {
	const { modelsDir, dataModelsDir } = readConfig();
	const { pullModel } = await import("../models/pullModel.ts");
	stop.takeOver();
	let phase = "";
	const pulled = await pullModel(name, {
		modelsDir,
		dataModelsDir,
		fetch: globalThis.fetch,
		signal: stop.signal,
		allowUnverified: options.allowUnverified,
		...(options.from === undefined ? {} : { fromFile: options.from }),
		...(options.acceptLicence === undefined ? {} : { acceptedLicence: options.acceptLicence }),
		onProgress(progress) {
			if (progress.phase !== phase && !terminal.isInteractive) terminal.tell(`${progress.phase} ...`);
			phase = progress.phase;
			terminal.draw(`${phase} ${Math.floor(progress.fraction * 100)} %`);
		},
	}).catch((error: unknown) => {
		if (!stop.signal.aborted) throw error;
		throw new CliFailure("stopped; the next pull continues it.", stop.exitCode);
	});
	terminal.print(`${pulled.name}: ${pulled.wasInstalled ? "was installed already" : "installed"}. ${pulled.note}`);
}

async function verify({ readConfig, terminal, stop }: CliDeps, { json }: { json: boolean }): Promise<void> {
	const { verifyModels } = await import("../models/listModels.ts");
	const checks = await verifyModels(readConfig(), stop.signal);
	if (json) terminal.printJson(checks);
	else for (const { model, path, state } of checks) terminal.print(`${state.replaceAll("_", " ").padEnd(12)}  ${model}  ${path}`);
	const wrong = checks.filter((check) => check.state !== "ok");
	if (wrong.length > 0)
		throw new CliFailure(
			`${wrong.length} of ${checks.length} files are not as they should be. Pull those models again, or install Glassworks again.`,
		);
}

function formatBytes(bytes: number | null): string {
	return bytes === null ? "unknown" : `${(bytes / 1_048_576).toFixed(1)} MiB`;
}
