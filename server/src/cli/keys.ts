import type { ApiKey, CreatedApiKey } from "@glassworks/sdk";
import { type Command, InvalidArgumentError } from "commander";
import { type Scope, scopes } from "../domain/plans/operatorConfig.ts";
import { connect } from "./connect.ts";
import type { CliDeps } from "./deps.ts";
import { addChangeKey, addKeyCapOptions, capsInWords, capsOf, type KeyCapOptions } from "./keyCaps.ts";
import { collect, integer } from "./options.ts";
import { table } from "./terminal.ts";

/** A week. */
const longestOverlapS = 7 * 86_400;

interface Json {
	json: boolean;
}
interface OfTenant extends Json {
	tenant?: string;
}
interface CreateOptions extends OfTenant, KeyCapOptions {
	scope?: Scope[];
	expires?: string;
}

export function addKeys(program: Command, deps: CliDeps): void {
	const keys = program.command("keys").description("Keys of the API: create, list, change, rotate, revoke.");
	const ofTenant = (command: Command) => command.option("--tenant <id>", "another account's, for operators; default: your own");
	addKeyCapOptions(ofTenant(keys.command("create")))
		.description("Make a key. Prints it, once.")
		.argument("<name>", "what it is for")
		.option("--scope <name>", "read, generate, manage or operate; may be repeated; default: read and generate", readScope)
		.option("--expires <time>", "when it stops working, such as 2030-01-31", readTime)
		.option("--json", "print JSON", false)
		.action((name: string, options: CreateOptions) => create(deps, name, options));
	addChangeKey(ofTenant(keys.command("change")), deps);
	ofTenant(keys.command("list"))
		.description("Every key, without its secret.")
		.option("--json", "print JSON", false)
		.action((options: OfTenant) => list(deps, options));
	ofTenant(keys.command("rotate"))
		.description("Give a key a new secret. Prints it, once.")
		.argument("<id>", "from `glassworks keys list`")
		.option("--overlap <seconds>", "how long the old secret goes on working; default: not at all", integer(0, longestOverlapS), 0)
		.option("--json", "print JSON", false)
		.action((id: string, options: OfTenant & { overlap: number }) => rotate(deps, id, options));
	ofTenant(keys.command("revoke"))
		.description("The key stops working at once.")
		.argument("<id>", "from `glassworks keys list`")
		.action((id: string, options: { tenant?: string }) => revoke(deps, id, options));
}

function readScope(text: string, earlier?: string[]): string[] {
	if (scopes.includes(text as Scope)) return collect(text, earlier);
	throw new InvalidArgumentError(`must be one of ${scopes.join(", ")}.`);
}

function readTime(text: string): string {
	const time = new Date(text);
	if (!Number.isNaN(time.getTime())) return time.toISOString();
	throw new InvalidArgumentError("must be a date or time such as 2030-01-31 or 2030-01-31T12:00:00Z.");
}

async function create(
	{ readConfig, terminal }: CliDeps,
	name: string,
	{ scope = ["read", "generate"], expires, json, tenant, ...caps }: CreateOptions,
): Promise<void> {
	const { client } = await connect(readConfig());
	const answer = await client.keys.create(
		{ name, scopes: scope, ...(expires ? { expires_at: expires } : {}), caps: capsOf(caps) },
		{ tenant },
	);
	if (json) return terminal.printJson(answer);
	show(terminal, answer);
}

function show(terminal: CliDeps["terminal"], { key, secret }: CreatedApiKey): void {
	terminal.print(secret);
	terminal.tell(`This is the key "${key.name}" (${key.id}); it is not shown again.`);
}

async function list({ readConfig, terminal }: CliDeps, { json, ...tenant }: OfTenant): Promise<void> {
	const { client } = await connect(readConfig());
	const all: ApiKey[] = [];
	for await (const key of client.keys.iterate({ limit: 100, ...tenant })) all.push(key);
	if (json) return terminal.printJson(all);
	const rows = all.map((entry) => [
		entry.id,
		entry.name,
		`${entry.prefix}...`,
		entry.scopes.join(", "),
		entry.revoked_at ? "revoked" : entry.expires_at ? `until ${entry.expires_at}` : "works",
		entry.last_used_at ?? "never",
		capsInWords(entry),
	]);
	terminal.print(table(["ID", "NAME", "KEY", "SCOPES", "STATE", "LAST USED", "CAPS"], rows));
}

async function rotate(
	{ readConfig, terminal }: CliDeps,
	id: string,
	{ json, overlap, ...tenant }: OfTenant & { overlap: number },
): Promise<void> {
	const { client } = await connect(readConfig());
	const answer = await client.keys.rotate(id, { overlap_s: overlap, ...tenant });
	if (json) return terminal.printJson(answer);
	show(terminal, answer);
}

async function revoke({ readConfig, terminal }: CliDeps, id: string, tenant: { tenant?: string }): Promise<void> {
	const { client } = await connect(readConfig());
	await client.keys.revoke(id, tenant);
	terminal.print(`Revoked ${id}.`);
}
