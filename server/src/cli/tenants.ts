import { setTimeout as sleep } from "node:timers/promises";
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
	const tenants = program.command("tenants").alias("accounts").description("Accounts on this server: create, list, plan, delete.");
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
	tenants
		.command("delete")
		.description("Delete an account for good, with all it has. Export it before: `glassworks export`.")
		.argument("[tenant]", "its id; left out: the account of your key")
		.requiredOption("--confirm <name>", "the account's name, exactly")
		.option("--wait", "until everything is removed", false)
		.option("--json", "print JSON", false)
		.action((tenant: string | undefined, options: Json & { confirm: string; wait: boolean }) => remove(deps, tenant, options));
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
	const rows = all.map(({ id, name, plan, postpaid, created_at, deleted_at, deletion_asked_at }) => [
		...[id, deleted_at ? "(deleted)" : deletion_asked_at ? "(being deleted)" : name, plan, postpaid ? "postpaid" : "prepaid", created_at],
	]);
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

const lookEveryMs = 1_000;

async function remove(
	{ readConfig, terminal }: CliDeps,
	tenant: string | undefined,
	{ confirm, wait, json }: Json & { confirm: string; wait: boolean },
): Promise<void> {
	const { client } = await connect(readConfig());
	let deletion = await (tenant === undefined ? client.account.delete({ confirm }) : client.tenants.delete(tenant, confirm));
	while (wait && deletion.status === "running") {
		await sleep(lookEveryMs);
		deletion = await client.account.deletion(deletion.id);
	}
	if (json) return terminal.printJson(deletion);
	terminal.print(deletion.id);
	terminal.tell(
		deletion.status === "complete"
			? `The account ${deletion.tenant_id} is deleted.`
			: `Nobody acts for ${deletion.tenant_id} any more; what it stored is being removed. GET /api/v1/account-deletions/${deletion.id} says when that is done.`,
	);
}
