import { createWriteStream } from "node:fs";
import fs from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import type { Command } from "commander";
import { connect } from "./connect.ts";
import type { CliDeps } from "./deps.ts";
import { checkWritable } from "./generate/outputs.ts";

interface Json {
	json: boolean;
}

export function addStorage(program: Command, deps: CliDeps): void {
	const storage = program.command("storage").description("Stored pictures: usage, sweep; for operators.");
	storage
		.command("usage")
		.description("How much is stored, by account.")
		.option("--json", "print JSON", false)
		.action((options: Json) => showUsage(deps, options));
	storage
		.command("sweep")
		.description("Remove now what nobody needs any more; the server does it by itself all the time.")
		.option("--json", "print JSON", false)
		.action((options: Json) => sweep(deps, options));
	program
		.command("export")
		.description("Everything your account owns, as a ZIP: jobs, pictures, uploads, workflows, ledger, keys without secrets.")
		.requiredOption("--out <file>", "where to write it")
		.option("--json", "print JSON", false)
		.action((options: Json & { out: string }) => exportAccount(deps, options));
}

async function showUsage({ readConfig, terminal }: CliDeps, { json }: Json): Promise<void> {
	const usage = await (await connect(readConfig())).client.storage.usage();
	if (json) return terminal.printJson(usage);
	for (const { tenant_id, pictures, bytes, unreferenced_bytes } of usage.data)
		terminal.print(
			`${tenant_id}  ${pictures} pictures  ${megabytes(bytes)}${unreferenced_bytes > 0 ? `  (${megabytes(unreferenced_bytes)} on the way in or out)` : ""}`,
		);
	terminal.print(`${megabytes(usage.bytes)} in all.`);
}

async function sweep({ readConfig, terminal }: CliDeps, { json }: Json): Promise<void> {
	const { expired, removed, found } = await (await connect(readConfig())).client.storage.sweep();
	if (json) return terminal.printJson({ expired, removed, found });
	terminal.print(
		`${expired} jobs and uploads were past their time, ${found} stored pictures were nobody's, ${removed} pictures were removed.`,
	);
}

/** The file is the whole export or is as it was before. */
async function exportAccount({ readConfig, terminal }: CliDeps, { out, json }: Json & { out: string }): Promise<void> {
	await checkWritable([out]);
	const zip = await (await connect(readConfig())).client.storage.export();
	const unfinished = `${out}.unfinished`;
	try {
		await pipeline(Readable.fromWeb(zip as ReadableStream<Uint8Array>), createWriteStream(unfinished));
		await fs.rename(unfinished, out);
	} catch (error) {
		await fs.rm(unfinished, { force: true });
		throw error;
	}
	const { size } = await fs.stat(out);
	if (json) return terminal.printJson({ file: out, bytes: size });
	terminal.print(`${out}: ${megabytes(size)}.`);
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
