import type { CheckedWorkflow, Workflow, WorkflowDetail, WorkflowInput } from "@glassworks/sdk";
import { type Command, Option } from "commander";
import { connect } from "./connect.ts";
import type { CliDeps } from "./deps.ts";
import { CliFailure } from "./failure.ts";
import { quoteLines } from "./generate/report.ts";
import { integer } from "./options.ts";
import { table } from "./terminal.ts";
import { readWorkflowFile } from "./workflowsFile.ts";
import { addWorkflowsRun } from "./workflowsRun.ts";

interface Json {
	json: boolean;
}
interface AddOptions extends Json {
	slug?: string;
	title?: string;
	visibility: "private" | "organisation" | "link";
	finish: boolean;
	dryRun: boolean;
}

export function addWorkflows(program: Command, deps: CliDeps): void {
	const workflows = program.command("workflows").description("Workflows: list, show, add from a file, run.");
	workflows
		.command("list")
		.description("Those that ship and your own.")
		.option("--json", "print JSON", false)
		.action((options: Json) => list(deps, options));
	workflows
		.command("show")
		.description("What a run may be given, the steps and the versions.")
		.argument("<slug>", "its name, or a link that was shared")
		.option("--version <n>", "default: the newest", integer(1, 1_000_000))
		.option("--json", "print JSON", false)
		.action((slug: string, options: Json & { version?: number }) => show(deps, slug, options));
	workflows
		.command("add")
		.description("Save a workflow, or its next version: a ComfyUI file in either format, or steps of your own.")
		.argument("<file>", "JSON")
		.option("--slug <name>", "default: by the file's name")
		.option("--title <text>", "default: the slug")
		.addOption(new Option("--visibility <who>", "of a new name").choices(["private", "organisation", "link"]).default("private"))
		.option("--no-finish", "of ComfyUI's: leave the graph's picture as it is")
		.option("--dry-run", "tell what is wrong and what it would cost, and save nothing", false)
		.option("--json", "print JSON", false)
		.action((file: string, options: AddOptions) => add(deps, file, options));
	addWorkflowsRun(workflows, deps);
}

async function list({ readConfig, terminal }: CliDeps, { json }: Json): Promise<void> {
	const { client } = await connect(readConfig());
	const all: Workflow[] = [];
	for await (const workflow of client.workflows.iterate({ limit: 100 })) all.push(workflow);
	if (json) return terminal.printJson(all);
	const rows = all.map(({ slug, newest, visibility, title }) => [slug, String(newest), visibility, title]);
	terminal.print(table(["WORKFLOW", "VERSION", "FOR", "TITLE"], rows));
}

async function show({ readConfig, terminal }: CliDeps, slug: string, { json, version }: Json & { version?: number }): Promise<void> {
	const { client } = await connect(readConfig());
	const found = await client.workflows.get(slug, version === undefined ? {} : { version });
	if (json) return terminal.printJson(found);
	for (const line of detailLines(found)) terminal.print(line);
}

function detailLines({ slug, version, title, description, visibility, link, inputs, steps, versions }: WorkflowDetail): string[] {
	const saved = versions.length > 0 ? `, saved ${versions.length === 1 ? "once" : `${versions.length} times`}` : "";
	return [
		`${title} (${slug}, version ${version}, for ${visibility}${saved})`,
		...(description === "" ? [] : [description]),
		...(link === null ? [] : [`link: ${link}`]),
		"",
		table(
			["INPUT", "TYPE", "DEFAULT", ""],
			inputs.map((input) => [input.name, typeOf(input), defaultOf(input), input.description || input.title]),
		),
		"",
		`steps: ${steps.map(({ id, optional }) => (optional ? `[${id}]` : id)).join(" > ")}`,
	];
}

function typeOf({ type, min, max, options }: WorkflowInput): string {
	if (options) return options.join(" | ");
	return min === null && max === null ? type : `${type} ${min ?? ""}..${max ?? ""}`;
}

function defaultOf({ default: usual, optional, type }: WorkflowInput): string {
	if (usual !== null) return JSON.stringify(usual);
	return type === "seed" ? "drawn" : optional ? "left out" : "required";
}

async function add({ readConfig, terminal }: CliDeps, file: string, options: AddOptions): Promise<void> {
	const { dryRun, visibility, json } = options;
	const sent = await readWorkflowFile(file, options);
	const { client } = await connect(readConfig());
	const checked = await client.workflows.save({ ...sent, visibility, dry_run: dryRun });
	if (json) terminal.printJson(checked);
	else for (const line of checkedLines(checked, dryRun)) terminal.print(line);
	if (checked.problems.length > 0) throw new CliFailure(`${checked.problems.length} problems keep it from being saved.`);
}

function checkedLines({ saved, workflow, problems, missing, quote }: CheckedWorkflow, isDry: boolean): string[] {
	const state = saved ? "saved" : isDry ? "not saved (dry run)" : "the same as the newest version";
	const lacks = [...missing.nodes.map((name) => `node ${name}`), ...missing.files.map((name) => `file ${name}`)];
	return [
		`${workflow.slug} version ${workflow.version}: ${state}`,
		`inputs: ${workflow.inputs.map(({ name }) => name).join(", ") || "none"}`,
		...problems.map(({ about, path, message }) => `! ${about}: ${path.length > 0 ? `${path.join(".")}: ` : ""}${message}`),
		...(lacks.length > 0 ? [`missing on every engine at hand: ${lacks.join(", ")}`] : []),
		...(quote ? quoteLines(quote) : []),
	];
}
