import { type Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import { type Connection, callApi, connect } from "./connect.ts";
import type { CliDeps } from "./deps.ts";
import { formatMoney, parseMoney } from "./money.ts";
import { table } from "./terminal.ts";

const credits = z.looseObject({
	tenant_id: z.string(),
	plan: z.string(),
	credit_micro_usd: z.int(),
	held_micro_usd: z.int(),
	quotas: z.array(
		z.looseObject({ unit: z.string(), limit: z.int().nullable(), left: z.int().nullable(), period: z.string(), resets_at: z.string() }),
	),
	entries: z.array(
		z.looseObject({
			kind: z.string(),
			unit: z.string(),
			amount: z.int(),
			job_id: z.string().nullable(),
			note: z.string(),
			created_at: z.string(),
		}),
	),
});
type Credits = z.infer<typeof credits>;

interface MoveOptions {
	note: string;
	json: boolean;
}

export function addCredits(program: Command, deps: CliDeps): void {
	const command = program.command("credits").description("Credit of tenants: add, take, show.");
	for (const [name, sign, description] of [
		["add", 1, "Give a tenant credit."],
		["take", -1, "Take credit back: never more than is free."],
	] as const)
		command
			.command(name)
			.description(description)
			.argument("<tenant>", "whose")
			.argument("<dollars>", "US dollars, such as 12.5", readMoney)
			.option("--note <text>", "why; kept in the ledger", "")
			.option("--json", "print JSON", false)
			.action((tenant: string, microUsd: number, options: MoveOptions) => move(deps, tenant, sign * microUsd, options));
	command
		.command("show")
		.description("Credit, what is left of the month, and the latest ledger entries.")
		.argument("[tenant]", "whose; default: your own")
		.option("--json", "print JSON", false)
		.action((tenant: string | undefined, options: { json: boolean }) => show(deps, tenant, options));
}

function readMoney(text: string): number {
	const microUsd = parseMoney(text);
	if (microUsd) return microUsd;
	throw new InvalidArgumentError("must be an amount above zero with at most six decimals, such as 12.5.");
}

async function move({ readConfig, terminal }: CliDeps, tenant: string, microUsd: number, { note, json }: MoveOptions): Promise<void> {
	const answer = await callApi(await connect(readConfig()), "POST", path(tenant), credits, { amount_micro_usd: microUsd, note });
	if (json) return terminal.printJson(answer);
	terminal.print(
		`${microUsd > 0 ? "Added" : "Took"} ${formatMoney(Math.abs(microUsd))}: ${tenant} has ${formatMoney(answer.credit_micro_usd)}.`,
	);
}

async function show({ readConfig, terminal }: CliDeps, tenant: string | undefined, { json }: { json: boolean }): Promise<void> {
	const connection = await connect(readConfig());
	const answer = await callApi(connection, "GET", path(tenant ?? (await ownTenant(connection))), credits);
	if (json) return terminal.printJson(answer);
	for (const line of describeCredits(answer)) terminal.print(line);
}

async function ownTenant(connection: Connection): Promise<string> {
	return (await callApi(connection, "GET", "account", z.looseObject({ tenant_id: z.string() }))).tenant_id;
}

const path = (tenant: string) => `tenants/${encodeURIComponent(tenant)}/credits`;

function describeCredits(answer: Credits): string[] {
	const quotas = answer.quotas.map(({ unit, limit, left, resets_at: resetsAt }) =>
		limit === null ? `${unit}: no limit` : `${unit}: ${left} of ${limit} left until ${resetsAt.slice(0, 10)}`,
	);
	const rows = answer.entries.map((entry) => [
		entry.created_at,
		entry.kind,
		entry.unit === "usd" ? formatMoney(entry.amount) : `${entry.amount} ${entry.unit}`,
		entry.job_id ?? "",
		entry.note,
	]);
	return [
		`${answer.tenant_id} (plan ${answer.plan})`,
		`credit: ${formatMoney(answer.credit_micro_usd)}, held for jobs in progress: ${formatMoney(answer.held_micro_usd)}`,
		...quotas,
		...(rows.length > 0 ? ["", table(["TIME", "KIND", "AMOUNT", "JOB", "NOTE"], rows)] : []),
	];
}
