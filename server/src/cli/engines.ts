import type { Command } from "commander";
import { z } from "zod";
import { addedEngine, engineList, type engineReport, type engine as engineSchema, testedEngine } from "../contract/engine.ts";
import { callApi, connect } from "./connect.ts";
import type { CliDeps } from "./deps.ts";
import { collect, integer, readHeader } from "./options.ts";
import { table } from "./terminal.ts";

type Engine = z.infer<typeof engineSchema>;
type Report = z.infer<typeof engineReport>;

interface AddOptions {
	name?: string;
	kind?: string;
	header?: string[];
	controlnets: boolean;
	silent?: number;
	maxRun?: number;
	json: boolean;
}

/** The server answers within this time, whatever the engine does. */
const trialMs = 5 * 60_000;

export function addEngines(program: Command, deps: CliDeps): void {
	const engines = program
		.command("engines")
		.description("Engines that the server drives (ComfyUI, IOPaint, the diffusers sidecar): add, list, test, remove.");
	engines
		.command("add")
		.description("Let the server drive an engine. Asks it what it is and can do.")
		.argument("<url>", "where it listens, as the server reaches it, such as http://127.0.0.1:8188")
		.option("--name <name>", "what to call it; default: its kind and address")
		.option("--kind <kind>", "comfyui, iopaint or diffusers; default: found out by asking")
		.option("--header <name: value>", "sent with every request to it, such as 'Authorization: Bearer ...'; may be repeated", collect)
		.option("--controlnets", "IOPaint: use its ControlNets, and no PowerPaint; it cannot do both", false)
		.option("--silent <seconds>", "ComfyUI: a prompt that does nothing for this long is stuck (default: 120)", integer(10, 86_400))
		.option("--max-run <seconds>", "ComfyUI: the longest a prompt may take (default: 3600)", integer(10, 86_400))
		.option("--json", "print JSON", false)
		.action((url: string, options: AddOptions) => add(deps, url, options));
	engines
		.command("list")
		.description("Every engine that the server drives.")
		.option("--json", "print JSON", false)
		.action((options: { json: boolean }) => list(deps, options));
	engines
		.command("test")
		.description("What an engine is, can do and lacks, and one small picture made by it.")
		.argument("<id>", "from `glassworks engines list`")
		.option("--json", "print JSON", false)
		.action((id: string, options: { json: boolean }) => test(deps, id, options));
	engines
		.command("remove")
		.description("Drive it no longer; what it runs may finish.")
		.argument("<id>", "from `glassworks engines list`")
		.action((id: string) => remove(deps, id));
}

async function add({ readConfig, terminal }: CliDeps, url: string, options: AddOptions): Promise<void> {
	const { name, kind, header = [], controlnets, silent, maxRun, json } = options;
	const inMs = (seconds: number | undefined) => (seconds === undefined ? null : seconds * 1_000);
	const settings = { controlnets, silent_ms: inMs(silent), max_run_ms: inMs(maxRun) };
	const body = { url, settings, headers: Object.fromEntries(header.map(readHeader)), ...(name ? { name } : {}), ...(kind ? { kind } : {}) };
	const answer = await callApi(await connect(readConfig()), "POST", "engines", addedEngine, body);
	if (json) return terminal.printJson(answer);
	terminal.print(answer.engine.id);
	for (const line of describe(answer.engine, answer.report)) terminal.tell(line);
	terminal.tell(`One picture to try it: glassworks engines test ${answer.engine.id}`);
}

async function list({ readConfig, terminal }: CliDeps, { json }: { json: boolean }): Promise<void> {
	const { data } = await callApi(await connect(readConfig()), "GET", "engines", engineList);
	if (json) return terminal.printJson(data);
	if (data.length === 0) terminal.tell("None yet. `glassworks engines add http://127.0.0.1:8188` adds a ComfyUI.");
	terminal.print(
		table(
			["ID", "KIND", "NAME", "ADDRESS"],
			data.map((engine) => [engine.id, engine.kind, engine.name, engine.url]),
		),
	);
}

async function test({ readConfig, terminal }: CliDeps, id: string, { json }: { json: boolean }): Promise<void> {
	const path = `engines/${encodeURIComponent(id)}/test`;
	if (!json) terminal.tell("Asking it for one small picture; a model that must be loaded first can take minutes.");
	const answer = await callApi(await connect(readConfig()), "POST", path, testedEngine, undefined, trialMs);
	if (json) return terminal.printJson(answer);
	for (const line of describe(answer.engine, answer.report)) terminal.print(line);
	const { trial } = answer;
	if (trial) terminal.print(`Works: ${trial.capability} made ${trial.width} x ${trial.height} px in ${(trial.ms / 1_000).toFixed(1)} s.`);
	else terminal.print("Nothing was tried: it can run nothing now.");
}

async function remove({ readConfig, terminal }: CliDeps, id: string): Promise<void> {
	await callApi(await connect(readConfig()), "DELETE", `engines/${encodeURIComponent(id)}`, z.unknown());
	terminal.print(`Removed ${id}.`);
}

/** What an engine is, can do and lacks, in lines. */
function describe(engine: Engine, report: Report): string[] {
	const gib = (bytes: number) => `${(bytes / 1_073_741_824).toFixed(1)} GiB`;
	const memory =
		report.vram_total_bytes === null
			? []
			: [`${gib(report.vram_total_bytes)} of memory${report.vram_free_bytes === null ? "" : `, ${gib(report.vram_free_bytes)} free`}`];
	const facts = [report.version && `version ${report.version}`, report.device, ...memory].filter((fact) => fact !== null);
	return [
		`${engine.name} (${engine.kind}) at ${engine.url}${facts.length > 0 ? `: ${facts.join(", ")}` : ""}`,
		...(report.loaded_model ? [`Holds ${report.loaded_model}.`] : []),
		report.capabilities.length > 0 ? "Can run:" : "Can run nothing of what is configured.",
		...report.capabilities.map(({ capability, traits }) => `  ${[capability, ...extras(traits)].join("; ")}`),
		...(report.missing.length > 0 ? ["Could run too, with one of these files:"] : []),
		...report.missing.map(({ name, files }) => `  ${name}: ${files.join(" or ")}`),
	];
}

function extras(traits: Report["capabilities"][number]["traits"]): string[] {
	const lists: [string, readonly string[]][] = [
		["edits", traits.operations],
		["ControlNets", traits.controlNets],
		["maps", traits.preprocessors],
		["LoRAs", traits.loras],
	];
	return lists.filter(([, names]) => names.length > 0).map(([title, names]) => `${title} ${names.join(", ")}`);
}
