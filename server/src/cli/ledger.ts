import type { Command } from "commander";
import { z } from "zod";
import { callApi, connect } from "./connect.ts";
import type { CliDeps } from "./deps.ts";
import { CliFailure } from "./failure.ts";

const verification = z.looseObject({
	ok: z.boolean(),
	entries: z.int(),
	balances: z.int(),
	jobs: z.int(),
	found: z.int(),
	findings: z.array(z.object({ rule: z.string(), tenant_id: z.string(), job_id: z.string().nullable(), detail: z.string() })),
});

export function addLedger(program: Command, deps: CliDeps): void {
	program
		.command("ledger")
		.description("The books: verify.")
		.command("verify")
		.description("Add up every entry again and compare. Ends with 1 and names what is off, if anything is.")
		.option("--json", "print JSON", false)
		.action((options: { json: boolean }) => verify(deps, options));
}

async function verify({ readConfig, terminal }: CliDeps, { json }: { json: boolean }): Promise<void> {
	const found = await callApi(await connect(readConfig()), "GET", "ledger/verification", verification);
	if (json) terminal.printJson(found);
	else
		for (const { rule, tenant_id, job_id, detail } of found.findings) terminal.print(`${rule}  ${tenant_id}  ${job_id ?? "-"}  ${detail}`);
	if (!found.ok) throw new CliFailure(`the ledger is off in ${found.found} ${found.found === 1 ? "place" : "places"}.`);
	if (!json) terminal.print(`The ledger is right: ${found.entries} entries, ${found.balances} balances, ${found.jobs} jobs.`);
}
