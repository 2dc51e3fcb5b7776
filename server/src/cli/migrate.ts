import type { Command } from "commander";
import type { CliDeps } from "./deps.ts";

export function addMigrate(program: Command, { readConfig, openPorts, terminal }: CliDeps): void {
	program
		.command("migrate")
		.description("Bring the database's schema up to date. `serve` does it by itself; this is for doing it beforehand.")
		.action(async () => {
			const config = readConfig();
			const ports = await openPorts(config);
			await ports.close();
			terminal.print(config.databaseUrl ? "The database is up to date." : `The embedded database in ${config.dataDir} is up to date.`);
		});
}
