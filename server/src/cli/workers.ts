import type { Command } from "commander";
import { z } from "zod";
import { callApi, connect } from "./connect.ts";
import type { CliDeps } from "./deps.ts";
import { collect } from "./options.ts";
import { table } from "./terminal.ts";

const worker = z.looseObject({
	id: z.string(),
	name: z.string(),
	kind: z.string(),
	pools: z.array(z.string()),
	capabilities: z.array(z.string()),
	last_seen_at: z.string().nullable(),
	revoked_at: z.string().nullable(),
	/** Servers of earlier versions do not tell. */
	state: z.string().optional(),
	trouble: z.string().nullish(),
});
const added = z.looseObject({ worker, token: z.string() });
const listed = z.looseObject({ data: z.array(worker) });

const orders = [
	["pause", "It claims nothing until it is resumed; what it runs goes on."],
	["resume", "It claims again."],
	["drain", "It finishes what it runs and claims nothing more."],
] as const;

interface AddOptions {
	pool?: string[];
	capability?: string[];
	json: boolean;
}

export function addWorkers(program: Command, deps: CliDeps): void {
	const workers = program
		.command("workers")
		.description("Machines that run steps for the server: add, list, pause, resume, drain, revoke.");
	workers
		.command("add")
		.description("Let a machine work for this server. Prints its token, once.")
		.argument("<name>", "what to call it")
		.option("--pool <name>", "pool it takes steps from; may be repeated; default: gpu and enhance", collect)
		.option(
			"--capability <kind:model>",
			"all it may do, such as upscale:realesrgan-x4plus; may be repeated; default: anything in its pools",
			collect,
		)
		.option("--json", "print JSON", false)
		.action((name: string, options: AddOptions) => add(deps, name, options));
	workers
		.command("list")
		.description("Every worker, what it can do and when it was last seen.")
		.option("--json", "print JSON", false)
		.action((options: { json: boolean }) => list(deps, options));
	for (const [order, description] of orders)
		workers
			.command(order)
			.description(description)
			.argument("<id>", "from `glassworks workers list`")
			.option("--json", "print JSON", false)
			.action((id: string, options: { json: boolean }) => direct(deps, order, id, options));
	workers
		.command("revoke")
		.description("Its token stops working at once; what it ran goes back in line.")
		.argument("<id>", "from `glassworks workers list`")
		.action((id: string) => revoke(deps, id));
}

async function add(
	{ readConfig, terminal }: CliDeps,
	name: string,
	{ pool = ["gpu", "enhance"], capability, json }: AddOptions,
): Promise<void> {
	const connection = await connect(readConfig());
	const body = { name, pools: pool, ...(capability ? { capabilities: capability } : {}) };
	const answer = await callApi(connection, "POST", "workers", added, body);
	if (json) return terminal.printJson(answer);
	terminal.print(answer.token);
	terminal.tell(`This is the token of ${answer.worker.name} (${answer.worker.id}); it is not shown again. On that machine:`);
	terminal.tell(`  GLASSWORKS_WORKER_TOKEN=<token> glassworks worker --server ${connection.url}`);
}

async function list({ readConfig, terminal }: CliDeps, { json }: { json: boolean }): Promise<void> {
	const { data } = await callApi(await connect(readConfig()), "GET", "workers", listed);
	if (json) return terminal.printJson(data);
	const rows = data.map((entry) => [
		entry.id,
		entry.name,
		entry.kind,
		entry.revoked_at ? "revoked" : (entry.state ?? ""),
		entry.last_seen_at ?? "never seen",
		entry.pools.join(", "),
		entry.trouble ? `degraded. ${entry.trouble}` : entry.capabilities.join(", "),
	]);
	terminal.print(table(["ID", "NAME", "KIND", "STATE", "LAST SEEN", "POOLS", "CAN RUN"], rows));
}

async function direct({ readConfig, terminal }: CliDeps, order: string, id: string, { json }: { json: boolean }): Promise<void> {
	const told = await callApi(await connect(readConfig()), "POST", `workers/${encodeURIComponent(id)}/${order}`, worker);
	if (json) return terminal.printJson(told);
	terminal.print(`${told.name} (${told.id}) is ${told.state ?? "told"}.`);
}

async function revoke({ readConfig, terminal }: CliDeps, id: string): Promise<void> {
	await callApi(await connect(readConfig()), "POST", `workers/${encodeURIComponent(id)}/revoke`, z.unknown());
	terminal.print(`Revoked ${id}.`);
}
