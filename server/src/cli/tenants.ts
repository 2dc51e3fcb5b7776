import type { Command } from "commander";
import { z } from "zod";
import { callApi, connect } from "./connect.ts";
import type { CliDeps } from "./deps.ts";

const changed = z.looseObject({ tenant: z.string(), plan: z.string(), jobs: z.int() });

export function addTenants(program: Command, deps: CliDeps): void {
	const tenants = program.command("tenants").description("Accounts on this server: plan.");
	tenants
		.command("plan")
		.description("Change a tenant's plan. Its unfinished work follows at once.")
		.argument("<tenant>", "its id")
		.argument("<plan>", "a plan of the operator's file")
		.option("--json", "print JSON", false)
		.action((tenant: string, plan: string, options: { json: boolean }) => changePlan(deps, tenant, plan, options));
}

async function changePlan({ readConfig, terminal }: CliDeps, tenant: string, plan: string, { json }: { json: boolean }): Promise<void> {
	const connection = await connect(readConfig());
	const answer = await callApi(connection, "POST", `tenants/${encodeURIComponent(tenant)}/plan`, changed, { plan });
	if (json) return terminal.printJson(answer);
	terminal.print(
		`${answer.tenant} is on ${answer.plan}; ${answer.jobs} unfinished ${answer.jobs === 1 ? "job follows" : "jobs follow"} it.`,
	);
}
