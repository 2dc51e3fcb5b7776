import fs from "node:fs/promises";
import type { GlassworksClient, JsonObject, WorkflowInput } from "@glassworks/sdk";
import type { Command } from "commander";
import { connectOrStart } from "./connect.ts";
import type { CliDeps } from "./deps.ts";
import { CliFailure, usageError } from "./failure.ts";
import { deliver, followToEnd } from "./generate/deliver.ts";
import { checkWritable, outputNames } from "./generate/outputs.ts";
import { formatOf } from "./generate/request.ts";
import { collect, integer } from "./options.ts";

interface RunOptions {
	out: string;
	set: string[];
	count: number;
	version?: number;
	json: boolean;
}

export function addWorkflowsRun(workflows: Command, deps: CliDeps): void {
	workflows
		.command("run")
		.description("Run a workflow with typed values and write its pictures.")
		.argument("<slug>", "its name, or a link that was shared")
		.requiredOption("-o, --out <file>", "where to write it; the ending chooses the format (.png, .jpg, .webp)")
		.option("--set <name=value>", "an input; for a picture a file, an https address or an asset's id; may be repeated", collect, [])
		.option("--count <n>", "how many; a.png becomes a-1.png, a-2.png ...", integer(1, 100), 1)
		.option("--version <n>", "default: the newest", integer(1, 1_000_000))
		.option("--json", "print the finished job as JSON and nothing else on standard output", false)
		.action((slug: string, options: RunOptions) => run(deps, slug, options));
}

async function run(deps: CliDeps, slug: string, { out, set, count, version, json }: RunOptions): Promise<void> {
	const config = deps.readConfig();
	const given = set.map(splitSetting);
	const format = formatOf({ out });
	const files = outputNames(out, count);
	await checkWritable(files);
	deps.stop.takeOver();
	const connection = await connectOrStart(deps, config);
	try {
		if (deps.stop.signal.aborted) throw new CliFailure("", deps.stop.exitCode);
		const { client } = connection;
		const which = version === undefined ? {} : { version };
		const { inputs } = await client.workflows.get(slug, which);
		const values = await readSettings(client, inputs, given);
		const takesFormat = inputs.some((input) => input.name === "format" && input.options?.includes(format));
		const job = await client.workflows.run(slug, { inputs: { ...(takesFormat ? { format } : {}), ...values }, count, ...which });
		await deliver(deps.terminal, client, await followToEnd(deps, client, job), files, json);
	} finally {
		await connection.close();
	}
}

function splitSetting(text: string): [name: string, value: string] {
	const at = text.indexOf("=");
	if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
	throw usageError(`--set must be name=value; got "${text}".`);
}

/** Texts as the inputs' types. What is no input is sent as it is: the server names what there is. */
async function readSettings(client: GlassworksClient, inputs: readonly WorkflowInput[], given: [string, string][]): Promise<JsonObject> {
	const values: JsonObject = {};
	for (const [name, text] of given) {
		const input = inputs.find((entry) => entry.name === name);
		values[name] = input?.type === "picture" ? await readPicture(client, name, text) : input ? readValue(input, text) : text;
	}
	return values;
}

function readValue({ name, type, options }: WorkflowInput, text: string): string | number | boolean {
	switch (type) {
		case "integer":
		case "number":
		case "seed": {
			const value = text.trim() === "" ? Number.NaN : Number(text);
			if (Number.isFinite(value)) return value;
			throw usageError(`--set ${name}: must be a number; got "${text}".`);
		}
		case "boolean":
			if (text === "true" || text === "false") return text === "true";
			throw usageError(`--set ${name}: must be true or false; got "${text}".`);
		case "choice":
			return options?.find((option) => String(option) === text) ?? text;
		default:
			return text;
	}
}

async function readPicture(client: GlassworksClient, name: string, text: string): Promise<JsonObject> {
	if (/^https?:\/\//.test(text)) return { url: text };
	const bytes = await fs.readFile(text).catch(() => null);
	if (bytes) return { asset_id: (await client.assets.upload(new Uint8Array(bytes))).id };
	if (/^asset_[A-Za-z0-9]+$/.test(text)) return { asset_id: text };
	throw usageError(`--set ${name}: ${text} cannot be read.`);
}
