import { createWriteStream } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { CreateTraining, Training } from "@glassworks/sdk";
import type { Command } from "commander";
import { connect } from "./connect.ts";
import type { CliDeps } from "./deps.ts";
import { usageError } from "./failure.ts";
import { describeDeletion } from "./images.ts";
import { formatMoney } from "./money.ts";
import { integer } from "./options.ts";

interface Json {
	json: boolean;
}

interface CreateOptions extends Json {
	name: string;
	model: string;
	trigger?: string;
	steps?: number;
	rank?: number;
	learningRate?: number;
	side?: number;
	seed?: number;
	sample: string[];
	quote: boolean;
	wait: boolean;
}

export function addTrainings(program: Command, deps: CliDeps): void {
	const trainings = program.command("trainings").description("LoRAs of your own: create, list, show, cancel, download, delete.");
	addCreate(trainings, deps);
	const named = (name: string, description: string, action: (deps: CliDeps, id: string, options: Json) => Promise<void>) =>
		trainings
			.command(name)
			.description(description)
			.argument("<id>", "the training")
			.option("--json", "print JSON", false)
			.action((id: string, options: Json) => action(deps, id, options));
	trainings
		.command("list")
		.description("Trainings, newest first.")
		.option("--json", "print JSON", false)
		.action((options: Json) => list(deps, options));
	named("show", "A training: its place or progress, price and file.", async (_deps, id, { json }) =>
		show(deps, await (await connect(deps.readConfig())).client.trainings.get(id), json),
	);
	named("cancel", "Stop a training; nothing is charged.", async (_deps, id, { json }) =>
		show(deps, await (await connect(deps.readConfig())).client.trainings.cancel(id), json),
	);
	named("delete", "Delete a training that has ended, with its LoRA.", remove);
	trainings
		.command("download")
		.description("Save the LoRA, for other programs too.")
		.argument("<id>", "the training")
		.option("--out <file>", "where to; left out: NAME.safetensors")
		.action((id: string, options: { out?: string }) => download(deps, id, options));
}

function addCreate(trainings: Command, deps: CliDeps): void {
	trainings
		.command("create")
		.description("Train a LoRA on the pictures of a folder; PICTURE.txt beside a picture is its caption.")
		.argument("<folder>", "with PNG, JPEG or WebP files")
		.requiredOption("--name <name>", "what requests will call it")
		.requiredOption("--model <name>", "the model it is for")
		.option("--trigger <word>", "put before captions that do not hold it")
		.option("--steps <n>", "training steps", integer(1, 20_000))
		.option("--rank <n>", "size of the LoRA", integer(1, 64))
		.option("--learning-rate <number>", "such as 0.0001", Number)
		.option("--side <px>", "pictures are cut to a square of this side", integer(64, 2_048))
		.option("--seed <n>", "same seed, same LoRA", integer(0, 4_294_967_295))
		.option("--sample <prompt...>", "drawn with it halfway and at the end", [])
		.option("--quote", "tell the price and send nothing", false)
		.option("--wait", "follow it to its end", false)
		.option("--json", "print JSON", false)
		.action((folder: string, options: CreateOptions) => create(deps, folder, options));
}

async function create(deps: CliDeps, folder: string, options: CreateOptions): Promise<void> {
	const { client } = await connect(deps.readConfig());
	const pictures: CreateTraining["pictures"] = [];
	for (const { bytes, caption } of await readFolder(folder)) {
		const { id } = await client.assets.upload(bytes);
		pictures.push({ image: { asset_id: id }, caption });
	}
	const { name, model, trigger, steps, rank, learningRate, side, seed, sample } = options;
	const given = { trigger_word: trigger, steps, rank, learning_rate: learningRate, side, seed };
	const asked = { name, model, pictures, ...given, sample_prompts: sample } as CreateTraining;
	if (options.quote) {
		const quote = await client.trainings.quote(asked);
		if (options.json) return deps.terminal.printJson(quote);
		return deps.terminal.print(`${pictures.length} pictures: ${formatMoney(quote.total_micro_usd)}`);
	}
	const made = await client.trainings.create(asked);
	if (!options.wait) return show(deps, made, options.json);
	const onEvent = ({ type, data }: { type: string; data: Record<string, unknown> }) => {
		if (type === "progress") deps.terminal.draw(progressLine(Number(data.fraction), data.loss));
	};
	show(deps, await client.trainings.wait(made.id, { onEvent, signal: deps.stop.signal }), options.json);
}

const progressLine = (fraction: number, loss: unknown) =>
	`${Math.floor(fraction * 100)} %${typeof loss === "number" ? `  loss ${loss.toFixed(4)}` : ""}`;

async function readFolder(folder: string): Promise<{ bytes: Uint8Array<ArrayBuffer>; caption: string }[]> {
	const names = await fs.readdir(folder).catch(() => {
		throw usageError(`${folder} cannot be read.`);
	});
	const pictures = names.filter((name) => /\.(png|jpe?g|webp)$/i.test(name)).sort();
	if (pictures.length === 0) throw usageError(`${folder} has no PNG, JPEG or WebP files.`);
	return Promise.all(
		pictures.map(async (name) => ({
			bytes: new Uint8Array(await fs.readFile(path.join(folder, name))),
			caption: (await fs.readFile(path.join(folder, `${path.parse(name).name}.txt`), "utf8").catch(() => "")).trim(),
		})),
	);
}

async function list({ readConfig, terminal }: CliDeps, { json }: Json): Promise<void> {
	const { client } = await connect(readConfig());
	const all: Training[] = [];
	for await (const training of client.trainings.iterate({ limit: 100 })) all.push(training);
	if (json) return terminal.printJson(all);
	for (const training of all) terminal.print(describe(training));
}

function show({ terminal }: CliDeps, training: Training, json: boolean): void {
	if (json) {
		terminal.printJson(training);
		return;
	}
	terminal.print(describe(training));
	terminal.print(`charged ${formatMoney(training.charged_micro_usd)} of ${formatMoney(training.quote.total_micro_usd)} quoted`);
	if (training.waiting?.reason) terminal.print(`why: ${training.waiting.reason.code.replaceAll("_", " ")}`);
	if (training.error) terminal.print(training.error.message);
}

function describe({ id, name, model, status, progress, file }: Training): string {
	const size = file ? `  ${(file.bytes / 1_048_576).toFixed(1)} MiB` : "";
	return `${id}  ${name} (${model})  ${status}${status === "running" ? ` ${Math.floor(progress * 100)} %` : ""}${size}`;
}

async function download({ readConfig, terminal }: CliDeps, id: string, { out }: { out?: string }): Promise<void> {
	const { client } = await connect(readConfig());
	const { name } = await client.trainings.get(id);
	const file = out ?? `${name}.safetensors`;
	await pipeline(Readable.fromWeb(await client.trainings.download(id)), createWriteStream(file));
	terminal.print(file);
}

async function remove({ readConfig, terminal }: CliDeps, id: string, { json }: Json): Promise<void> {
	const deletion = await (await connect(readConfig())).client.trainings.delete(id);
	if (json) return terminal.printJson(deletion);
	terminal.print(describeDeletion(deletion));
}
