import type { Command } from "commander";
import type { z } from "zod";
import { promises } from "../contract/promises.ts";
import { callApi, connect } from "./connect.ts";
import type { CliDeps } from "./deps.ts";
import { integer } from "./options.ts";
import { table } from "./terminal.ts";

interface Options {
	days: number;
	json: boolean;
}

export function addPromises(program: Command, deps: CliDeps): void {
	program
		.command("promises")
		.description("What plans promise, and what was kept of it lately. For operators.")
		.option("--days <n>", "how far back", integer(1, 366), 30)
		.option("--json", "print JSON", false)
		.action((options: Options) => show(deps, options));
}

async function show({ readConfig, terminal }: CliDeps, { days, json }: Options): Promise<void> {
	const report: z.infer<typeof promises> = await callApi(await connect(readConfig()), "GET", `promises?days=${days}`, promises);
	if (json) return terminal.printJson(report);
	const percent = (share: number | null) => (share === null ? "-" : `${Math.round(share * 1_000) / 10} %`);
	const rows = report.plans.map((plan) => [
		plan.plan,
		plan.promised_wait_ms === null ? "-" : `${plan.promised_wait_ms / 1_000} s`,
		percent(plan.wait_kept_share),
		String(plan.waited),
		percent(plan.promised_success_share),
		percent(plan.success_share),
		String(plan.ended),
	]);
	terminal.print(table(["PLAN", "WAIT AT MOST", "KEPT", "OF JOBS", "SUCCESS PROMISED", "SUCCEEDED", "OF JOBS"], rows));
}
