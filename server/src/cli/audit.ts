import { type Command, Option } from "commander";
import { z } from "zod";
import { auditOutcomes } from "../domain/audit/auditLog.ts";
import { callApi, connect } from "./connect.ts";
import type { CliDeps } from "./deps.ts";
import { integer } from "./options.ts";
import { table } from "./terminal.ts";

const page = z.looseObject({
	data: z.array(
		z.looseObject({
			at: z.string(),
			tenant_id: z.string().nullable(),
			actor: z.looseObject({ kind: z.string(), id: z.string().nullable() }),
			action: z.string(),
			targets: z.array(z.string()),
			made: z.array(z.string()),
			network: z.string().nullable(),
			outcome: z.string(),
			code: z.string().nullable(),
		}),
	),
	next: z.string().nullable(),
});

interface AuditOptions extends Record<string, unknown> {
	json: boolean;
}

export function addAudit(program: Command, deps: CliDeps): void {
	program
		.command("audit")
		.description("Who changed what in your account, and who got in or tried to; for operators: in every account.")
		.option("--action <name>", "only this one, such as createKey")
		.option("--actor <id>", "only of this key or person")
		.option("--target <id>", "only what names this id")
		.addOption(new Option("--outcome <outcome>", "only what ended so").choices(auditOutcomes))
		.option("--tenant <id>", "only about this account; for operators")
		.option("--from <time>", "not before, such as 2026-11-25T00:00:00Z")
		.option("--to <time>", "not after")
		.option("--limit <entries>", "so many", integer(1, 500), 50)
		.option("--before <cursor>", "`next` of an earlier page")
		.option("--json", "print JSON", false)
		.action((options: AuditOptions) => show(deps, options));
}

async function show({ readConfig, terminal }: CliDeps, { json, ...asked }: AuditOptions): Promise<void> {
	const query = new URLSearchParams(Object.entries(asked).map(([name, value]): [string, string] => [name, String(value)]));
	const answer = await callApi(await connect(readConfig()), "GET", `audit?${query}`, page);
	if (json) return terminal.printJson(answer);
	const rows = answer.data.map((entry) => [
		entry.at,
		entry.tenant_id ?? "",
		entry.actor.id ?? entry.actor.kind,
		entry.action,
		[...entry.targets, ...entry.made].join(" "),
		entry.code ?? entry.outcome,
		entry.network ?? "",
	]);
	terminal.print(table(["TIME", "ACCOUNT", "WHO", "ACTION", "ON", "RESULT", "FROM"], rows));
	if (answer.next) terminal.tell(`Older ones: --before ${answer.next}`);
}
