import { Command } from "commander";
import { addAudit } from "./audit.ts";
import { addBatch } from "./batch/command.ts";
import { addCredits } from "./credits.ts";
import type { CliDeps } from "./deps.ts";
import { addDoctor } from "./doctor/command.ts";
import { addEngines } from "./engines.ts";
import { addGenerate } from "./generate/command.ts";
import { environmentHelp } from "./helpEnv.ts";
import { addImages } from "./images.ts";
import { addJobs } from "./jobs.ts";
import { addKeys } from "./keys.ts";
import { addLedger } from "./ledger.ts";
import { addMigrate } from "./migrate.ts";
import { addModels } from "./models.ts";
import { addPeople } from "./people.ts";
import { addPools } from "./pools.ts";
import { addPromises } from "./promises.ts";
import { addQueue } from "./queue.ts";
import { addServe } from "./serve.ts";
import { addStorage } from "./storage.ts";
import { addTenants } from "./tenants.ts";
import { addTrainings } from "./trainings.ts";
import { addUsage } from "./usage.ts";
import { addWebhooks } from "./webhooks.ts";
import { addWorker } from "./worker.ts";
import { addWorkers } from "./workers.ts";
import { addWorkflows } from "./workflows.ts";

/** The `glassworks` command. Parsing never ends the process: it throws CommanderError, after saying what was wrong. */
export function createProgram(deps: CliDeps, version: string): Command {
	const program = new Command("glassworks")
		.description("Turns prompts into finished pictures on your own machines.")
		.version(version)
		.helpCommand(false)
		.showHelpAfterError("(--help explains)")
		.exitOverride();
	// Subcommands inherit exitOverride only when they are made after it.
	addGenerate(program, deps);
	addBatch(program, deps);
	addServe(program, deps);
	addWorker(program, deps);
	addWorkers(program, deps);
	addWorkflows(program, deps);
	addEngines(program, deps);
	addQueue(program, deps);
	addPools(program, deps);
	addJobs(program, deps);
	addImages(program, deps);
	addStorage(program, deps);
	addTrainings(program, deps);
	addTenants(program, deps);
	addPeople(program, deps);
	addKeys(program, deps);
	addWebhooks(program, deps);
	addModels(program, deps);
	addCredits(program, deps);
	addLedger(program, deps);
	addPromises(program, deps);
	addUsage(program, deps);
	addAudit(program, deps);
	addMigrate(program, deps);
	addDoctor(program, deps);
	program
		.command("help")
		.description("Explain a command, or with `env` the environment variables.")
		.argument("[topic...]", "a command, or env")
		.action((topic: string[]) => explain(program, deps, topic));
	return program;
}

function explain(program: Command, { terminal }: CliDeps, topic: string[]): void {
	if (topic[0] === "env") {
		terminal.print(environmentHelp());
		return;
	}
	let command = program;
	for (const name of topic) {
		const next = command.commands.find((entry) => entry.name() === name || entry.aliases().includes(name));
		if (!next) command.error(`error: unknown command '${topic.join(" ")}'`);
		else command = next;
	}
	command.outputHelp();
}
