import type { Pool } from "@glassworks/sdk";
import type { Command } from "commander";
import { connect } from "./connect.ts";
import type { CliDeps } from "./deps.ts";
import { table } from "./terminal.ts";

interface Json {
	json: boolean;
}

export function addPools(program: Command, deps: CliDeps): void {
	const pools = program.command("pools").description("Pools of workers: list, pause, resume, dedicate to one tenant, release.");
	pools
		.command("list")
		.description("Every pool, and whom a dedicated one serves.")
		.option("--json", "print JSON", false)
		.action((options: Json) => list(deps, options));
	for (const [order, description] of [
		["pause", "Nothing more of it is handed out; what runs goes on."],
		["resume", "Its steps are handed out again."],
	] as const)
		pools
			.command(order)
			.description(description)
			.argument("<pool>", "from `glassworks pools list`")
			.option("--json", "print JSON", false)
			.action((id: string, options: Json) => turn(deps, order, id, options));
	pools
		.command("dedicate")
		.description("Give a tenant a pool of its own. Workers join it with `glassworks workers add --pool <name>`.")
		.argument("<tenant>", "its id")
		.option("--base <pool>", "the pool whose steps it takes over", "gpu")
		.option("--name <name>", "what to call it; default: one is made up")
		.option("--json", "print JSON", false)
		.action((tenant: string, options: Json & { base: string; name?: string }) => dedicate(deps, tenant, options));
	pools
		.command("release")
		.description("End a dedicated pool.")
		.argument("<pool>", "from `glassworks pools list`")
		.option("--move", "take its unfinished steps to the base pool, behind what that owes already", false)
		.option("--json", "print JSON", false)
		.action((id: string, options: Json & { move: boolean }) => release(deps, id, options));
}

async function list({ readConfig, terminal }: CliDeps, { json }: Json): Promise<void> {
	const pools = await (await connect(readConfig())).client.pools.list();
	if (json) return terminal.printJson(pools);
	const rows = pools.map((pool) => [pool.id, stateOf(pool), pool.dedicated?.base ?? "-", pool.dedicated?.tenant ?? "everyone"]);
	terminal.print(table(["POOL", "STATE", "IN PLACE OF", "SERVES"], rows));
}

const stateOf = (pool: Pool): string => (pool.paused ? "paused" : "open");

async function turn({ readConfig, terminal }: CliDeps, order: "pause" | "resume", id: string, { json }: Json): Promise<void> {
	const pool = await (await connect(readConfig())).client.pools[order](id);
	if (json) return terminal.printJson(pool);
	terminal.print(`${pool.id} is ${stateOf(pool)}.`);
}

async function dedicate(
	{ readConfig, terminal }: CliDeps,
	tenant: string,
	{ base, name, json }: Json & { base: string; name?: string },
): Promise<void> {
	const pool = await (await connect(readConfig())).client.pools.dedicate({ base, tenant, ...(name ? { name } : {}) });
	if (json) return terminal.printJson(pool);
	terminal.print(pool.id);
	terminal.tell(`New jobs of ${tenant} wait there for ${base}'s steps. Give it a worker: glassworks workers add <name> --pool ${pool.id}`);
}

async function release({ readConfig, terminal }: CliDeps, id: string, { move, json }: Json & { move: boolean }): Promise<void> {
	const moved = await (await connect(readConfig())).client.pools.release(id, { move });
	if (json) return terminal.printJson({ moved });
	terminal.print(`Released ${id}${moved > 0 ? `; ${moved} ${moved === 1 ? "step" : "steps"} moved` : ""}.`);
}
