import { setTimeout as sleep } from "node:timers/promises";
import type { Webhook, WebhookDelivery } from "@glassworks/sdk";
import { type Command, Option } from "commander";
import { connect } from "./connect.ts";
import type { CliDeps } from "./deps.ts";
import { CliFailure } from "./failure.ts";
import { collect, integer } from "./options.ts";
import { table } from "./terminal.ts";

interface Json {
	json: boolean;
}
interface AddOptions extends Json {
	event?: string[];
	description?: string;
}
interface ChangeOptions extends AddOptions {
	url?: string;
	enable?: boolean;
	disable?: boolean;
}
interface DeliveriesOptions extends Json {
	subject?: string;
	status?: WebhookDelivery["status"];
	limit: number;
}

const fromList = "from `glassworks webhooks list`";
const fromDeliveries = "from `glassworks webhooks deliveries`";

/** How often a delivery that was asked for is looked at, and for how long: longer than its only attempt takes. */
const lookEveryMs = 250;
const patienceMs = 30_000;

export function addWebhooks(program: Command, deps: CliDeps): void {
	const webhooks = program.command("webhooks").description("Addresses that are told what happens: add, test, what was sent, send again.");
	const withJson = (command: Command) => command.option("--json", "print JSON", false);
	const withFields = (command: Command) =>
		command
			.option("--event <type>", "what it is told, such as job.failed, job.* or *; may be repeated; default: everything", collect)
			.option("--description <text>", "what it is for");
	withFields(withJson(webhooks.command("add")))
		.description("Have an address told. Prints the secret that verifies its messages.")
		.argument("<url>", "http or https")
		.action((url: string, options: AddOptions) => add(deps, url, options));
	withJson(webhooks.command("list"))
		.description("Every webhook of your account.")
		.action((options: Json) => list(deps, options));
	withFields(withJson(webhooks.command("change")))
		.description("Change a webhook, or enable it again.")
		.argument("<id>", fromList)
		.option("--url <url>", "its new address")
		.option("--enable", "tell it again what happens from now on")
		.addOption(new Option("--disable", "tell it nothing more").conflicts("enable"))
		.action((id: string, options: ChangeOptions) => change(deps, id, options));
	webhooks
		.command("remove")
		.description("Remove a webhook and its log.")
		.argument("<id>", fromList)
		.action((id: string) => remove(deps, id));
	withJson(webhooks.command("secret"))
		.description("Print the secret of a webhook, or the one for requests' own `webhook_url`.")
		.argument("[id]", `${fromList}; left out: your account's default secret`)
		.option("--rotate", "make a new one; for 24 hours both sign", false)
		.action((id: string | undefined, options: Json & { rotate: boolean }) => secret(deps, id, options));
	withJson(webhooks.command("test"))
		.description("Send a test message and show what was answered.")
		.argument("<id>", fromList)
		.action((id: string, options: Json) => test(deps, id, options));
	withJson(webhooks.command("deliveries"))
		.description("What was sent, newest first.")
		.argument("[id]", `${fromList}; left out: to all, and to requests' own addresses`)
		.option("--subject <id>", "only about this job or batch")
		.addOption(new Option("--status <status>", "only these").choices(["pending", "delivered", "failed", "dropped"]))
		.option("--limit <n>", "how many", integer(1, 100), 20)
		.action((id: string | undefined, options: DeliveriesOptions) => deliveries(deps, id, options));
	withJson(webhooks.command("redeliver"))
		.description("Send a message again and show what was answered.")
		.argument("<delivery>", fromDeliveries)
		.action((id: string, options: Json) => redeliver(deps, id, options));
}

async function add({ readConfig, terminal }: CliDeps, url: string, { event, description, json }: AddOptions): Promise<void> {
	const { client } = await connect(readConfig());
	const made = await client.webhooks.create({ url, ...fieldsOf({ event, description }) });
	if (json) return terminal.printJson(made);
	terminal.print(made.secret);
	terminal.tell(`This verifies the messages of ${made.id}; \`glassworks webhooks secret ${made.id}\` shows it again.`);
}

type Fields = Pick<Parameters<Awaited<ReturnType<typeof connect>>["client"]["webhooks"]["create"]>[0], "events" | "description">;

/** The server says which event types there are. */
function fieldsOf({ event, description }: { event: string[] | undefined; description: string | undefined }): Fields {
	return {
		...(event ? { events: event as NonNullable<Fields["events"]> } : {}),
		...(description === undefined ? {} : { description }),
	};
}

async function list({ readConfig, terminal }: CliDeps, { json }: Json): Promise<void> {
	const { client } = await connect(readConfig());
	const all: Webhook[] = [];
	for await (const webhook of client.webhooks.iterate({ limit: 100 })) all.push(webhook);
	if (json) return terminal.printJson(all);
	const rows = all.map((webhook) => [webhook.id, webhook.url, webhook.events.join(", "), stateOf(webhook), webhook.description]);
	terminal.print(table(["ID", "URL", "EVENTS", "STATE", ""], rows));
}

function stateOf({ enabled, disabled_by: by, failing_since: since }: Webhook): string {
	if (!enabled) return by === "gone" ? "disabled: it is gone" : by === "failing" ? "disabled: it failed for days" : "disabled";
	return since === null ? "works" : `fails since ${since}`;
}

async function change({ readConfig, terminal }: CliDeps, id: string, options: ChangeOptions): Promise<void> {
	const { event, description, url, enable, disable, json } = options;
	const { client } = await connect(readConfig());
	const changed = await client.webhooks.change(id, {
		...fieldsOf({ event, description }),
		...(url === undefined ? {} : { url }),
		...(enable || disable ? { enabled: enable === true } : {}),
	});
	if (json) return terminal.printJson(changed);
	terminal.print(`${changed.id} ${changed.url}: ${stateOf(changed)}, told ${changed.events.join(", ")}`);
}

async function remove({ readConfig, terminal }: CliDeps, id: string): Promise<void> {
	const { client } = await connect(readConfig());
	await client.webhooks.remove(id);
	terminal.print(`Removed ${id}.`);
}

async function secret(
	{ readConfig, terminal }: CliDeps,
	id: string | undefined,
	{ json, rotate }: Json & { rotate: boolean },
): Promise<void> {
	const { client } = await connect(readConfig());
	const found = await (rotate ? client.webhooks.rotateSecret(id) : client.webhooks.secret(id));
	if (json) return terminal.printJson(found);
	terminal.print(found.secret);
	if (found.previous_until) terminal.tell(`Until ${found.previous_until} messages are signed with the secret before, too.`);
}

async function deliveries(
	{ readConfig, terminal }: CliDeps,
	id: string | undefined,
	{ json, subject, status, limit }: DeliveriesOptions,
): Promise<void> {
	if (id !== undefined && subject !== undefined) throw new CliFailure("Give either a webhook or --subject.");
	const { client } = await connect(readConfig());
	const { data } = await client.webhooks.deliveries({
		limit,
		...(id === undefined ? {} : { webhook: id }),
		...(subject === undefined ? {} : { subject }),
		...(status === undefined ? {} : { status }),
	});
	if (json) return terminal.printJson(data);
	const rows = data.map(({ id: delivery, event, status: state, attempts, next_attempt_at: next }) => [
		...[delivery, event.created_at, event.type, event.subject],
		state === "pending" && next ? `pending, next ${next}` : state,
		`${attempts.length}`,
		lastWords(attempts),
	]);
	terminal.print(table(["ID", "HAPPENED", "EVENT", "ABOUT", "STATE", "TRIES", "LAST"], rows));
}

function lastWords(attempts: WebhookDelivery["attempts"]): string {
	const last = attempts.at(-1);
	return last ? (last.note ?? `${last.status} in ${last.duration_ms} ms`) : "";
}

async function test(deps: CliDeps, id: string, { json }: Json): Promise<void> {
	const { client } = await connect(deps.readConfig());
	await showAttempt(deps, client, await client.webhooks.test(id), 0, json);
}

async function redeliver(deps: CliDeps, id: string, { json }: Json): Promise<void> {
	const { client } = await connect(deps.readConfig());
	const before = (await client.webhooks.delivery(id)).attempts.length;
	await showAttempt(deps, client, await client.webhooks.redeliver(id), before, json);
}

type Client = Awaited<ReturnType<typeof connect>>["client"];

/** Waits for the next attempt. @throws {CliFailure} it failed, or there was none */
async function showAttempt({ terminal }: CliDeps, client: Client, asked: WebhookDelivery, before: number, json: boolean): Promise<void> {
	let delivery = asked;
	for (const deadline = Date.now() + patienceMs; delivery.attempts.length <= before && Date.now() < deadline; ) {
		await sleep(lookEveryMs);
		delivery = await client.webhooks.delivery(asked.id);
	}
	if (json) terminal.printJson(delivery);
	const last = delivery.attempts[before] ? delivery.attempts.at(-1) : undefined;
	if (!last) throw new CliFailure(`It was not sent within ${patienceMs / 1_000} s; \`glassworks webhooks deliveries\` tells when it was.`);
	if (!json)
		terminal.print(`${last.status ?? "no answer"} in ${last.duration_ms} ms${last.answer ? `: ${last.answer.slice(0, 500)}` : ""}`);
	if (last.note !== null) throw new CliFailure(last.note);
}
