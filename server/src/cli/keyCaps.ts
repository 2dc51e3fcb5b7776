import type { ApiKey, SetKeyCaps } from "@glassworks/sdk";
import { type Command, InvalidArgumentError } from "commander";
import { connect } from "./connect.ts";
import type { CliDeps } from "./deps.ts";
import { usageError } from "./failure.ts";
import { formatMoney, parseMoney } from "./money.ts";
import { collect, integer } from "./options.ts";

export interface KeyCapOptions {
	maxSpend?: number;
	maxPixels?: number;
	maxSteps?: number;
	maxUnfinished?: number;
	model?: string[];
}
interface ChangeOptions extends KeyCapOptions {
	name?: string;
	tenant?: string;
	uncap?: string[];
	json: boolean;
}

const most = 1_000_000_000;
/** What --uncap takes, and what it ends. */
const capNames = {
	spend: "spend_micro_usd_per_month",
	pixels: "max_pixels",
	steps: "max_steps",
	unfinished: "unfinished_pictures",
	models: "models",
} as const satisfies Record<string, keyof SetKeyCaps>;

/** What a key may at most. */
export function addKeyCapOptions(command: Command): Command {
	return command
		.option("--max-spend <dollars>", "credit it may spend a month, such as 25.00", readMoney)
		.option("--max-pixels <n>", "width times height of a picture, before upscaling", integer(1, most))
		.option("--max-steps <n>", "steps of a picture", integer(1, most))
		.option("--max-unfinished <n>", "pictures that are not finished, at once", integer(1, most))
		.option("--model <name>", "a model it may use; may be repeated; default: all of the plan's", collect);
}

export function addChangeKey(command: Command, deps: CliDeps): void {
	addKeyCapOptions(command)
		.description("Change a key's name, or what it may at most.")
		.argument("<id>", "from `glassworks keys list`")
		.option("--name <name>", "what it is for")
		.option("--uncap <cap>", `end a cap: ${Object.keys(capNames).join(", ")}; may be repeated`, readCap)
		.option("--json", "print JSON", false)
		.action((id: string, options: ChangeOptions) => change(deps, id, options));
}

export function capsOf({ maxSpend, maxPixels, maxSteps, maxUnfinished, model }: KeyCapOptions): SetKeyCaps {
	const caps = {
		spend_micro_usd_per_month: maxSpend,
		max_pixels: maxPixels,
		max_steps: maxSteps,
		unfinished_pictures: maxUnfinished,
		models: model,
	};
	return Object.fromEntries(Object.entries(caps).filter(([, value]) => value !== undefined));
}

/** `$1.20 of $25.00 a month, 3 of 9 unfinished`, or `-`. */
export function capsInWords({ caps, used }: ApiKey): string {
	const spend = caps.spend_micro_usd_per_month;
	const words = [
		...(spend === null ? [] : [`${formatMoney(used.spend_micro_usd)} of ${formatMoney(spend)} a month`]),
		...(caps.unfinished_pictures === null ? [] : [`${used.unfinished_pictures} of ${caps.unfinished_pictures} unfinished`]),
		...(caps.max_pixels === null ? [] : [`${caps.max_pixels} pixels`]),
		...(caps.max_steps === null ? [] : [`${caps.max_steps} steps`]),
		...(caps.models === null ? [] : [caps.models.join("+") || "no model"]),
	];
	return words.join(", ") || "-";
}

async function change(
	{ readConfig, terminal }: CliDeps,
	id: string,
	{ name, uncap = [], tenant, json, ...options }: ChangeOptions,
): Promise<void> {
	const ended = Object.fromEntries(uncap.map((cap) => [capNames[cap as keyof typeof capNames], null]));
	const caps: SetKeyCaps = { ...capsOf(options), ...ended };
	if (name === undefined && Object.keys(caps).length === 0)
		throw usageError("say what to change: --name, a cap such as --max-spend, or --uncap.");
	const { client } = await connect(readConfig());
	const key = await client.keys.change(id, { ...(name === undefined ? {} : { name }), caps }, { tenant });
	if (json) return terminal.printJson(key);
	terminal.print(`${key.id} "${key.name}": ${capsInWords(key)}`);
}

function readMoney(text: string): number {
	const amount = parseMoney(text);
	if (amount === null) throw new InvalidArgumentError("must be an amount such as 25 or 0.50.");
	return amount;
}

function readCap(text: string, earlier?: string[]): string[] {
	if (Object.hasOwn(capNames, text)) return collect(text, earlier);
	throw new InvalidArgumentError(`must be one of ${Object.keys(capNames).join(", ")}.`);
}
