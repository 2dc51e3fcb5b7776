import type { TenantsUsagePage, UsagePage } from "@glassworks/sdk";
import { type Command, InvalidArgumentError } from "commander";
import { connect } from "./connect.ts";
import type { CliDeps } from "./deps.ts";
import { formatMoney } from "./money.ts";
import { integer } from "./options.ts";
import { table } from "./terminal.ts";

const groups = ["day", "tenant", "key", "model", "step"] as const;
type Group = (typeof groups)[number];

interface UsageOptions {
	by: Group[];
	from?: string;
	to?: string;
	timeZone?: string;
	key?: string;
	model?: string;
	step?: NonNullable<UsagePage["data"][number]["step"]>;
	tenants: boolean;
	tenant?: string;
	limit: number;
	csv: boolean;
	json: boolean;
}
type Page = UsagePage | TenantsUsagePage;

export function addUsage(program: Command, deps: CliDeps): void {
	program
		.command("usage")
		.description("What was used: pictures, jobs, steps, time and charges.")
		.option("--by <groups>", `told apart by ${groups.join(", ")}; several with commas between`, readGroups, ["day"])
		.option("--from <day>", "first day, such as 2026-11-01; default: 29 days before the last")
		.option("--to <day>", "last day, included; default: today")
		.option("--time-zone <name>", "where days begin, such as Europe/Berlin; default: UTC")
		.option("--key <id>", "only what this key asked for; none: what was asked for without a key")
		.option("--model <name>", "only this model's")
		.option("--step <kind>", "only this kind of step, such as upscale")
		.option("--tenants", "of every account, with your cost and margin; for operators", false)
		.option("--tenant <id>", "of this account; for operators")
		.option("--limit <rows>", "show at most so many rows", integer(1, 1_000), 100)
		.option("--csv", "print every row as CSV", false)
		.option("--json", "print JSON", false)
		.action((options: UsageOptions) => show(deps, options));
}

function readGroups(text: string): Group[] {
	const names = text.split(",");
	if (names.every((name): name is Group => (groups as readonly string[]).includes(name))) return names;
	throw new InvalidArgumentError(`must be one or several of ${groups.join(", ")}, with commas between.`);
}

async function show({ readConfig, terminal }: CliDeps, { tenants, csv, json, by, ...options }: UsageOptions): Promise<void> {
	const { usage } = (await connect(readConfig())).client;
	const ofTenants = tenants || options.tenant !== undefined || by.includes("tenant");
	const groupBy = tenants && !by.includes("tenant") ? (["tenant", ...by] as Group[]) : by;
	if (csv) return terminal.print((await usage.csv({ ...options, groupBy, ofTenants })).trimEnd());
	const page: Page = ofTenants
		? await usage.ofTenants({ ...options, groupBy })
		: await usage.list({ ...options, groupBy: groupBy.filter((group) => group !== "tenant") });
	if (json) return terminal.printJson(page);
	terminal.print(describeUsage(page));
	if (page.next) terminal.tell("There is more: --limit shows more rows, --csv all of them.");
}

function describeUsage({ data, total, group_by: groupBy }: Page): string {
	const hasCost = "cost_micro_usd" in total;
	const headings = ["PICTURES", "JOBS", "FAILED", "STEPS", "SKIPPED", "TIME", "CHARGED", ...(hasCost ? ["COST", "MARGIN"] : []), "QUOTA"];
	const rows = data.map((row) => [...groupBy.map((group) => nameOf(row, group)), ...cellsOf(row)]);
	const sum = [...groupBy.map((_, index) => (index === 0 ? "total" : "")), ...cellsOf(total)];
	return table([...groupBy.map((group) => group.toUpperCase()), ...headings], [...rows, sum]);
}

function nameOf(row: Page["data"][number], group: Group): string {
	if (group === "key") return row.key_name ?? row.key_id ?? "(no key)";
	return (group === "tenant" ? ("tenant_id" in row ? row.tenant_id : null) : row[group]) ?? "";
}

function cellsOf(amounts: Page["total"] | Page["data"][number]): string[] {
	const { pictures, jobs, pictures_failed: picturesFailed, steps_failed: stepsFailed, quota } = amounts;
	return [
		String(pictures ?? ""),
		String(jobs ?? ""),
		String(picturesFailed ?? stepsFailed),
		String(amounts.steps),
		String(amounts.steps_skipped),
		`${(amounts.runtime_ms / 1_000).toFixed(1)} s`,
		formatMoney(amounts.charged_micro_usd),
		...("cost_micro_usd" in amounts ? [formatMoney(amounts.cost_micro_usd), formatMoney(amounts.margin_micro_usd)] : []),
		Object.entries(quota)
			.map(([unit, drawn]) => `${drawn} ${unit}`)
			.join(", "),
	];
}
