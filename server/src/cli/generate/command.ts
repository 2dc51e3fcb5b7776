import fs from "node:fs/promises";
import type { Job } from "@glassworks/sdk";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type Connection, connectOrStart } from "../connect.ts";
import type { CliDeps } from "../deps.ts";
import { CliFailure, usageError } from "../failure.ts";
import { integer, number } from "../options.ts";
import { deliver, followToEnd } from "./deliver.ts";
import { checkWritable, outputNames } from "./outputs.ts";
import { formatOf, type GenerateOptions, parseLora, parseSize, toRequest } from "./request.ts";

export function addGenerate(program: Command, deps: CliDeps): void {
	program
		.command("generate")
		.description("Make a picture from a prompt. Uses GLASSWORKS_URL, else the server running here, else starts one for this command.")
		.argument("<prompt>", "what to draw")
		.requiredOption("-o, --out <file>", "where to write it; the ending chooses the format (.png, .jpg, .webp)")
		.option("--count <n>", "how many; a.png becomes a-1.png, a-2.png ...", integer(1, 8), 1)
		.option("--size <WxH>", "pixels before upscaling, such as 256x256; default: the model's own", readSize)
		.option("--seed <n>", "the same seed and settings give the same picture; default: random", integer(0, 4_294_967_295))
		.option("--model <name>", "default: the server's; `glassworks generate` works without any installed")
		.option("--workflow <name>", "default: picture, or inpaint with a mask")
		.option("--style <name>", "a style the model knows")
		.option("--steps <n>", "sampler steps; default: the model's", integer(1, 150))
		.option("--guidance <x>", "how closely to follow the prompt; default: the model's", number(0, 30))
		.option("--negative <text>", "what to avoid, where the model can")
		.option("--lora <name[:strength]>", "a LoRA, yours or the server's; may be repeated", collectLora, [])
		.option("--image <file>", "picture to start from")
		.option("--mask <file>", "white where --image is repainted")
		.option("--strength <x>", "how far to leave --image: 0 keeps it, 1 ignores it", number(0, 1))
		.addOption(new Option("--format <name>", "default: by the ending of --out").choices(["png", "jpeg", "webp"]))
		.option("--no-upscale", "keep the model's own size")
		.option("--no-faces", "leave faces as they were drawn")
		.option("--json", "print the finished job as JSON and nothing else on standard output", false)
		.action((prompt: string, options: GenerateOptions) => generate(deps, prompt, options));
}

function readSize(text: string): { width: number; height: number } {
	const size = parseSize(text);
	if (size) return size;
	throw new InvalidArgumentError("must be width x height in pixels, such as 512x512.");
}

function collectLora(text: string, earlier: GenerateOptions["lora"]): GenerateOptions["lora"] {
	const lora = parseLora(text);
	if (lora) return [...earlier, lora];
	throw new InvalidArgumentError("must be a name, or a name and a strength such as walls:0.8.");
}

async function generate(deps: CliDeps, prompt: string, options: GenerateOptions): Promise<void> {
	const config = deps.readConfig();
	if (prompt.trim() === "") throw usageError("the prompt is empty.");
	formatOf(options);
	const files = outputNames(options.out, options.count);
	await checkWritable(files);
	const inputs = { image: await readInput("--image", options.image), mask: await readInput("--mask", options.mask) };
	deps.stop.takeOver();
	const connection = await connectOrStart(deps, config);
	try {
		throwIfStopped(deps);
		const job = await submit(connection, prompt, options, inputs);
		const ended = await followToEnd(deps, connection.client, job);
		await deliver(deps.terminal, connection.client, ended, files, options.json);
	} finally {
		await connection.close();
	}
}

async function readInput(option: string, file: string | undefined): Promise<Uint8Array<ArrayBuffer> | null> {
	if (file === undefined) return null;
	try {
		return new Uint8Array(await fs.readFile(file));
	} catch {
		throw usageError(`${option}: ${file} cannot be read.`);
	}
}

type Inputs = Record<"image" | "mask", Uint8Array<ArrayBuffer> | null>;

async function submit({ client }: Connection, prompt: string, options: GenerateOptions, inputs: Inputs): Promise<Job> {
	const upload = async (role: keyof Inputs) => {
		const bytes = inputs[role];
		return bytes ? { [role]: { asset_id: (await client.assets.upload(bytes)).id } } : {};
	};
	return client.generations.create(toRequest(prompt, options, { ...(await upload("image")), ...(await upload("mask")) }));
}

function throwIfStopped({ stop }: CliDeps): void {
	if (stop.signal.aborted) throw new CliFailure("", stop.exitCode);
}
