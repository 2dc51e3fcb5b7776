import type { Invitation, Member } from "@glassworks/sdk";
import { type Command, Option } from "commander";
import { roles } from "../domain/people/role.ts";
import { connect } from "./connect.ts";
import type { CliDeps } from "./deps.ts";
import { table } from "./terminal.ts";

interface OfTenant {
	tenant?: string;
}
interface Options extends OfTenant {
	json: boolean;
}
type Role = Member["role"];

export function addPeople(program: Command, deps: CliDeps): void {
	const people = program.command("people").description("People of an account: invite, list, role, remove.");
	const command = (name: string, description: string) =>
		people.command(name).description(description).option("--tenant <id>", "another account's, for operators; default: your own");
	command("invite", "Invite somebody by mail; for operators the link is printed too. The first owner of a server comes in this way.")
		.argument("<address>", "where mail reaches them")
		.addOption(new Option("--role <role>", "what they are in the account").choices(roles).default("member"))
		.option("--json", "print JSON", false)
		.action((address: string, options: Options & { role: Role }) => invite(deps, address, options));
	command("list", "Who belongs to the account.")
		.option("--json", "print JSON", false)
		.action((options: Options) => list(deps, options));
	command("invitations", "Who was invited and has not come yet.")
		.option("--json", "print JSON", false)
		.action((options: Options) => listInvitations(deps, options));
	command("withdraw", "Take an invitation back.")
		.argument("<id>", "from `glassworks people invitations`")
		.action((id: string, options: OfTenant) => withdraw(deps, id, options));
	command("role", "Change what a person may do. It holds from their next request on.")
		.argument("<id>", "from `glassworks people list`")
		.argument("<role>", roles.join(", "))
		.option("--json", "print JSON", false)
		.action((id: string, role: Role, options: Options) => setRole(deps, id, role, options));
	command("remove", "Remove a person from the account. Keys they made go on working.")
		.argument("<id>", "from `glassworks people list`")
		.action((id: string, options: OfTenant) => remove(deps, id, options));
}

async function invite({ readConfig, terminal }: CliDeps, email: string, { role, json, ...of }: Options & { role: Role }): Promise<void> {
	const { client } = await connect(readConfig());
	const answer = await client.invitations.create({ email, role }, of);
	if (json) return terminal.printJson(answer);
	if (answer.link) terminal.print(answer.link);
	terminal.tell(
		`${answer.invitation.email} is invited as ${role}, until ${answer.invitation.expires_at}. The link was mailed, or logged where there is no mail server.`,
	);
}

async function list({ readConfig, terminal }: CliDeps, { json, ...of }: Options): Promise<void> {
	const { client } = await connect(readConfig());
	const all: Member[] = [];
	for await (const member of client.members.iterate({ limit: 100, ...of })) all.push(member);
	if (json) return terminal.printJson(all);
	const rows = all.map(({ id, name, email, role, joined_at }) => [id, name, email, role, joined_at]);
	terminal.print(table(["ID", "NAME", "ADDRESS", "ROLE", "JOINED"], rows));
}

async function listInvitations({ readConfig, terminal }: CliDeps, { json, ...of }: Options): Promise<void> {
	const { client } = await connect(readConfig());
	const all: Invitation[] = [];
	for await (const invitation of client.invitations.iterate({ limit: 100, ...of })) all.push(invitation);
	if (json) return terminal.printJson(all);
	const rows = all.map(({ id, email, role, expires_at }) => [id, email, role, expires_at]);
	terminal.print(table(["ID", "ADDRESS", "ROLE", "UNTIL"], rows));
}

async function withdraw({ readConfig, terminal }: CliDeps, id: string, of: OfTenant): Promise<void> {
	const { client } = await connect(readConfig());
	await client.invitations.withdraw(id, of);
	terminal.print(`Withdrew ${id}.`);
}

async function setRole({ readConfig, terminal }: CliDeps, id: string, role: Role, { json, ...of }: Options): Promise<void> {
	const { client } = await connect(readConfig());
	const member = await client.members.setRole(id, role, of);
	if (json) return terminal.printJson(member);
	terminal.print(`${member.name} is ${member.role}.`);
}

async function remove({ readConfig, terminal }: CliDeps, id: string, of: OfTenant): Promise<void> {
	const { client } = await connect(readConfig());
	await client.members.remove(id, of);
	terminal.print(`Removed ${id}.`);
}
