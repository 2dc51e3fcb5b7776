import fs from "node:fs/promises";
import type { CreateBatch } from "@glassworks/sdk";
import { type Command, Option } from "commander";
import { connect } from "../connect.ts";
import type { CliDeps } from "../deps.ts";
import { usageError } from "../failure.ts";
import { formatMoney } from "../money.ts";
import { integer } from "../options.ts";
import { drawProgress, readBudget, show } from "./report.ts";

interface CreateOptions {
	name?: string;
	model?: string;
	width?: number;
	height?: number;
	budget?: number | null;
	email?: string;
	at?: string;
	offPeak: boolean;
	order: "as_given" | "shuffled";
	quote: boolean;
	wait: boolean;
	json: boolean;
}

export function addBatchCreate(batch: Command, deps: CliDeps): void {
	batch
		.command("create")
		.description(
			"Send a file of prompts, one a line; or CSV (.csv), whose first row names the fields; or JSON (.json) as POST /batches takes it.",
		)
		.argument("<file>", "prompts, CSV or JSON")
		.option("--name <text>", "for you; also the ZIP's name")
		.option("--model <name>", "for items that name none")
		.option("--width <px>", "for items that have none", integer(64, 4_096))
		.option("--height <px>", "for items that have none", integer(64, 4_096))
		.option("--budget <dollars>", "pause before an item that would exceed it, such as 12.50", readBudget)
		.option("--email <address>", "who is mailed when all of it has ended")
		.option("--at <time>", "not before this moment, such as 2026-12-01T22:00:00Z")
		.option("--off-peak", "only within the server's off-peak times", false)
		.addOption(new Option("--order <order>", "in which items become jobs").choices(["as_given", "shuffled"]).default("as_given"))
		.option("--quote", "tell the price and send nothing", false)
		.option("--wait", "follow it until it has ended or is paused", false)
		.option("--json", "print JSON", false)
		.action((file: string, options: CreateOptions) => create(deps, file, options));
}

async function create(deps: CliDeps, file: string, options: CreateOptions): Promise<void> {
	const text = await fs.readFile(file, "utf8").catch(() => {
		throw usageError(`${file} cannot be read.`);
	});
	const isCsv = /\.csv$/i.test(file);
	if (isCsv && options.quote) throw usageError("--quote takes prompts or JSON; send CSV to POST /api/v1/batches/quotes.");
	const { client } = await connect(deps.readConfig());
	const settings = settingsOf(options);
	const body = isCsv ? null : readBody(file, text, settings);
	if (body && options.quote) {
		const quote = await client.batches.quote(body);
		if (options.json) return deps.terminal.printJson(quote);
		const { items, pictures, discount_percent: percent, total_micro_usd: total } = quote;
		return deps.terminal.print(
			`${items} items, ${pictures} pictures: ${formatMoney(total)}${percent > 0 ? ` after ${percent} % off` : ""}`,
		);
	}
	const made = body
		? await client.batches.create(body)
		: await client.batches.createFromCsv(text, settings, { idempotencyKey: crypto.randomUUID() });
	if (!options.wait) return show(deps, made, options.json);
	show(deps, await client.batches.wait(made.id, { onProgress: drawProgress(deps), signal: deps.stop.signal }), options.json);
}

function settingsOf({
	name,
	budget,
	at,
	email,
	offPeak,
	order,
	model,
	width,
	height,
}: CreateOptions): Omit<CreateBatch, "items" | "matrix"> {
	const fields = Object.entries({ model, width, height }).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
	return {
		...(name !== undefined && { name }),
		...(typeof budget === "number" && { budget_micro_usd: budget }),
		...(at !== undefined && { at }),
		...(email !== undefined && { email_results_to: email }),
		...{ off_peak: offPeak, order },
		...(fields.length > 0 && { defaults: Object.fromEntries(fields) }),
	};
}

function readBody(file: string, text: string, settings: Omit<CreateBatch, "items" | "matrix">): CreateBatch {
	if (!/\.json$/i.test(file)) {
		const items = text.split(/\r?\n/).filter((line) => line.trim() !== "");
		if (items.length === 0) throw usageError(`${file} has no prompts.`);
		return { ...settings, items };
	}
	try {
		const { order, off_peak, ...rest } = settings;
		return { order, off_peak, ...(JSON.parse(text) as CreateBatch), ...rest };
	} catch {
		throw usageError(`${file} is not JSON.`);
	}
}
