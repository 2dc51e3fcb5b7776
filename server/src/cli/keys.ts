import { type Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import { type Scope, scopes } from "../domain/plans/operatorConfig.ts";
import { callApi, connect } from "./connect.ts";
import type { CliDeps } from "./deps.ts";
import { collect } from "./options.ts";
import { table } from "./terminal.ts";

const key = z.looseObject({
	id: z.string(),
	name: z.string(),
	prefix: z.string(),
	scopes: z.array(z.string()),
	created_at: z.string(),
	expires_at: z.string().nullable(),
	revoked_at: z.string().nullable(),
});
const created = z.looseObject({ key, secret: z.string() });
const listed = z.looseObject({ data: z.array(key) });

interface CreateOptions {
	scope?: string[];
	expires?: string;
	json: boolean;
}

export function addKeys(program: Command, deps: CliDeps): void {
	const keys = program.command("keys").description("Keys of the API: create, list, revoke.");
	keys
		.command("create")
		.description("Make a key. Prints it, once.")
		.argument("<name>", "what it is for")
		.option("--scope <name>", "read, generate, manage or operate; may be repeated; default: read and generate", readScope)
		.option("--expires <time>", "when it stops working, such as 2030-01-31", readTime)
		.option("--json", "print JSON", false)
		.action((name: string, options: CreateOptions) => create(deps, name, options));
	keys
		.command("list")
		.description("Every key, without its secret.")
		.option("--json", "print JSON", false)
		.action((options: { json: boolean }) => list(deps, options));
	keys
		.command("revoke")
		.description("The key stops working at once.")
		.argument("<id>", "from `glassworks keys list`")
		.action((id: string) => revoke(deps, id));
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
	{ scope = ["read", "generate"], expires, json }: CreateOptions,
): Promise<void> {
	const body = { name, scopes: scope, ...(expires ? { expires_at: expires } : {}) };
	const answer = await callApi(await connect(readConfig()), "POST", "keys", created, body);
	if (json) return terminal.printJson(answer);
	terminal.print(answer.secret);
	terminal.tell(`This is the key "${answer.key.name}" (${answer.key.id}); it is not shown again.`);
}

async function list({ readConfig, terminal }: CliDeps, { json }: { json: boolean }): Promise<void> {
	const { data } = await callApi(await connect(readConfig()), "GET", "keys", listed);
	if (json) return terminal.printJson(data);
	const rows = data.map((entry) => [
		entry.id,
		entry.name,
		`${entry.prefix}...`,
		entry.scopes.join(", "),
		entry.revoked_at ? "revoked" : entry.expires_at ? `until ${entry.expires_at}` : "works",
		entry.created_at,
	]);
	terminal.print(table(["ID", "NAME", "KEY", "SCOPES", "STATE", "CREATED"], rows));
}

async function revoke({ readConfig, terminal }: CliDeps, id: string): Promise<void> {
	await callApi(await connect(readConfig()), "POST", `keys/${encodeURIComponent(id)}/revoke`, z.unknown());
	terminal.print(`Revoked ${id}.`);
}
