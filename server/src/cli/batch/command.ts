import { createWriteStream } from "node:fs";
import fs from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Command, Option } from "commander";
import { connect } from "../connect.ts";
import type { CliDeps } from "../deps.ts";
import { CliFailure } from "../failure.ts";
import { integer } from "../options.ts";
import { table } from "../terminal.ts";
import { addBatchCreate } from "./create.ts";
import { drawProgress, readBudget, show } from "./report.ts";

interface Json {
	json: boolean;
}

export function addBatch(program: Command, deps: CliDeps): void {
	const batch = program.command("batch").description("Many pictures as one: create, status, list, items, resume, retry, cancel, zip.");
	const of = (name: string, description: string) =>
		batch.command(name).description(description).argument("<id>", "the batch").option("--json", "print JSON", false);
	addBatchCreate(batch, deps);
	of("status", "How far it is.")
		.option("--wait", "wait until it has ended or is paused", false)
		.action((id: string, options: Json & { wait: boolean }) => status(deps, id, options));
	batch
		.command("list")
		.description("Your batches, newest first.")
		.option("--limit <n>", "how many", integer(1, 100), 20)
		.option("--json", "print JSON", false)
		.action((options: Json & { limit: number }) => list(deps, options));
	of("items", "Its items and what became of them.")
		.addOption(new Option("--status <status>", "only these").choices(itemStatuses))
		.action((id: string, options: Json & { status?: ItemStatus }) => items(deps, id, options));
	of("resume", "Go on after a pause, with another budget if one is given.")
		.option("--budget <dollars>", "such as 12.50, or none", readBudget)
		.action(async (id: string, { json, budget }: Json & { budget?: number | null }) => {
			const { client } = await connect(deps.readConfig());
			show(deps, await client.batches.resume(id, budget === undefined ? {} : { budget_micro_usd: budget }), json);
		});
	of("pause", "Let no further item begin.").action(async (id: string, { json }: Json) => {
		show(deps, await (await connect(deps.readConfig())).client.batches.pause(id), json);
	});
	of("cancel", "Cancel what has not ended.").action(async (id: string, { json }: Json) => {
		show(deps, await (await connect(deps.readConfig())).client.batches.cancel(id), json);
	});
	of("retry", "Try failed items again; they are charged as new.").action((id: string, options: Json) => retry(deps, id, options));
	of("zip", "Write all pictures that are there into one ZIP.")
		.requiredOption("-o, --out <file>", "where to write it")
		.action((id: string, options: Json & { out: string }) => zip(deps, id, options));
}

const itemStatuses = ["waiting", "scheduled", "queued", "running", "succeeded", "partial", "failed", "cancelled"] as const;
type ItemStatus = (typeof itemStatuses)[number];

async function status(deps: CliDeps, id: string, { json, wait }: Json & { wait: boolean }): Promise<void> {
	const { client } = await connect(deps.readConfig());
	show(deps, wait ? await client.batches.wait(id, { onProgress: drawProgress(deps) }) : await client.batches.get(id), json);
}

async function list({ readConfig, terminal }: CliDeps, { limit, json }: Json & { limit: number }): Promise<void> {
	const page = await (await connect(readConfig())).client.batches.list({ limit });
	if (json) return terminal.printJson(page.data);
	const rows = page.data.map((batch) => [batch.id, batch.status, `${Math.floor(batch.progress * 100)} %`, String(batch.items), batch.name]);
	terminal.print(table(["BATCH", "STATUS", "DONE", "ITEMS", "NAME"], rows));
}

async function items({ readConfig, terminal }: CliDeps, id: string, options: Json & { status?: ItemStatus }): Promise<void> {
	const { client } = await connect(readConfig());
	const all = [];
	for await (const item of client.batches.iterateItems(id, options.status ? { status: options.status } : {})) all.push(item);
	if (options.json) return terminal.printJson(all);
	const rows = all.map(({ index, status, job_id, error, request }) => [
		...[String(index), status, job_id ?? ""],
		error ? `${error.code}: ${error.message}` : String(request.prompt ?? "").slice(0, 60),
	]);
	terminal.print(table(["ITEM", "STATUS", "JOB", ""], rows));
}

async function retry({ readConfig, terminal }: CliDeps, id: string, { json }: Json): Promise<void> {
	const answer = await (await connect(readConfig())).client.batches.retry(id);
	if (json) return terminal.printJson(answer);
	terminal.print(answer.retried === 0 ? "No item has failed." : `${answer.retried} items are tried again.`);
}

async function zip({ readConfig, terminal, stop }: CliDeps, id: string, { out, json }: Json & { out: string }): Promise<void> {
	const { client } = await connect(readConfig());
	const unfinished = `${out}.part`;
	try {
		const stream = await client.batches.zip(id, { signal: stop.signal });
		await pipeline(Readable.fromWeb(stream as never), createWriteStream(unfinished));
		await fs.rename(unfinished, out);
	} catch (error) {
		await fs.rm(unfinished, { force: true });
		if (error instanceof Error && "code" in error && "path" in error) throw new CliFailure(`cannot write ${out}: ${error.message}.`);
		throw error;
	}
	const { size } = await fs.stat(out);
	if (json) terminal.printJson({ batch: id, file: out, bytes: size });
	else terminal.print(`${out} (${(size / 1e6).toFixed(1)} MB)`);
}
