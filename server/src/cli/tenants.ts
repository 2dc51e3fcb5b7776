import type { Tenant } from "@glassworks/sdk";
import type { Command } from "commander";
import { z } from "zod";
import { callApi, connect } from "./connect.ts";
import type { CliDeps } from "./deps.ts";
import { table } from "./terminal.ts";

const changed = z.looseObject({ tenant: z.string(), plan: z.string(), jobs: z.int() });

interface Json {
	json: boolean;
}

export function addTenants(program: Command, deps: CliDeps): void {
	const tenants = program.command("tenants").description("Accounts on this server: create, list, plan.");
	tenants
		.command("create")
		.description("Make an account. Prints its id, for `keys create --tenant` and `people invite --tenant`.")
		.argument("<name>", "what to call it")
		.requiredOption("--plan <plan>", "a plan of the operator's file")
		.option("--postpaid", "may owe: work is not limited by credit", false)
		.option("--json", "print JSON", false)
		.action((name: string, options: Json & { plan: string; postpaid: boolean }) => create(deps, name, options));
	tenants
		.command("list")
		.description("Every account, newest first.")
		.option("--json", "print JSON", false)
		.action((options: Json) => list(deps, options));
	tenants
		.command("plan")
		.description("Change a tenant's plan. Its unfinished work follows at once.")
		.argument("<tenant>", "its id")
		.argument("<plan>", "a plan of the operator's file")
		.option("--json", "print JSON", false)
		.action((tenant: string, plan: string, options: Json) => changePlan(deps, tenant, plan, options));
}

async function create(
	{ readConfig, terminal }: CliDeps,
	name: string,
	{ plan, postpaid, json }: Json & { plan: string; postpaid: boolean },
): Promise<void> {
	const { client } = await connect(readConfig());
	const tenant = await client.tenants.create({ name, plan, postpaid });
	if (json) return terminal.printJson(tenant);
	terminal.print(tenant.id);
	terminal.tell(`This is the account "${tenant.name}" on ${tenant.plan}. It has no keys and no people yet.`);
}

async function list({ readConfig, terminal }: CliDeps, { json }: Json): Promise<void> {
	const { client } = await connect(readConfig());
	const all: Tenant[] = [];
	for await (const tenant of client.tenants.iterate({ limit: 100 })) all.push(tenant);
	if (json) return terminal.printJson(all);
	const rows = all.map(({ id, name, plan, postpaid, created_at }) => [id, name, plan, postpaid ? "postpaid" : "prepaid", created_at]);
	terminal.print(table(["ID", "NAME", "PLAN", "PAYS", "CREATED"], rows));
}

async function changePlan({ readConfig, terminal }: CliDeps, tenant: string, plan: string, { json }: Json): Promise<void> {
	const connection = await connect(readConfig());
	const answer = await callApi(connection, "POST", `tenants/${encodeURIComponent(tenant)}/plan`, changed, { plan });
	if (json) return terminal.printJson(answer);
	terminal.print(
		`${answer.tenant} is on ${answer.plan}; ${answer.jobs} unfinished ${answer.jobs === 1 ? "job follows" : "jobs follow"} it.`,
	);
}
