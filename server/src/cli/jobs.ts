import type { Command } from "commander";
import { connect } from "./connect.ts";
import type { CliDeps } from "./deps.ts";
import { describeDeletion } from "./images.ts";
import { formatMoney } from "./money.ts";

interface Json {
	json: boolean;
}

export function addJobs(program: Command, deps: CliDeps): void {
	const jobs = program.command("jobs").description("Jobs: retry, to-front, requeue, delete.");
	jobs
		.command("retry")
		.description("Ask again for the pictures that a failed or cancelled job has not made, as a new job at today's price.")
		.argument("<id>", "the job")
		.option("--json", "print JSON", false)
		.action((id: string, options: Json) => retry(deps, id, options));
	jobs
		.command("to-front")
		.description("Put a job before your other waiting jobs; nobody else's place changes.")
		.argument("<id>", "the job")
		.option("--json", "print JSON", false)
		.action((id: string, options: Json) => toFront(deps, id, options));
	jobs
		.command("requeue")
		.description("Put the running steps of any tenant's job back in line; for operators.")
		.argument("<id>", "the job")
		.option("--json", "print JSON", false)
		.action((id: string, options: Json) => requeue(deps, id, options));
	jobs
		.command("delete")
		.description("Delete a job that has ended, with its pictures, prompt and metadata; what was paid stays in the ledger.")
		.argument("<id>", "the job")
		.option("--json", "print JSON", false)
		.action((id: string, options: Json) => remove(deps, id, options));
}

async function remove({ readConfig, terminal }: CliDeps, id: string, { json }: Json): Promise<void> {
	const deletion = await (await connect(readConfig())).client.jobs.delete(id);
	if (json) return terminal.printJson(deletion);
	terminal.print(describeDeletion(deletion));
}

async function retry({ readConfig, terminal }: CliDeps, id: string, { json }: Json): Promise<void> {
	const job = await (await connect(readConfig())).client.jobs.retry(id);
	if (json) return terminal.printJson(job);
	const place = job.waiting?.place;
	const pictures = job.images.length === 1 ? "1 picture" : `${job.images.length} pictures`;
	terminal.print(`${job.id}: ${pictures} again for ${formatMoney(job.quote.total_micro_usd)}${place ? `, at place ${place}` : ""}.`);
}

async function toFront({ readConfig, terminal }: CliDeps, id: string, { json }: Json): Promise<void> {
	const job = await (await connect(readConfig())).client.jobs.toFront(id);
	if (json) return terminal.printJson(job);
	const place = job.waiting?.place;
	terminal.print(`${job.id} is first of your waiting jobs${place ? `, at place ${place}` : ""}.`);
}

async function requeue({ readConfig, terminal }: CliDeps, id: string, { json }: Json): Promise<void> {
	const steps = await (await connect(readConfig())).client.jobs.requeue(id);
	if (json) return terminal.printJson({ job: id, steps });
	terminal.print(`${id}: ${steps} ${steps === 1 ? "step is" : "steps are"} in line again.`);
}
