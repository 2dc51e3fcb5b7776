import type { Command } from "commander";
import { removeServerInfo, writeServerInfo } from "../lockFile.ts";
import type { CliDeps, RunningApp, StartOptions } from "./deps.ts";
import { usageError } from "./failure.ts";

const allServices = ["api", "worker"] as const;

export function addServe(program: Command, deps: CliDeps): void {
	program
		.command("serve")
		.description("Run the platform: API, studio and a worker. The first line printed is its address.")
		.option("--services <list>", "what to run: api, worker or both", "api,worker")
		.addHelpText("after", "\nIt is set up with environment variables: see `glassworks help env`.")
		.action((options: { services: string }) => serve(deps, readServices(options.services)));
}

function readServices(list: string): StartOptions["services"] {
	const named = list.split(",").map((name) => name.trim());
	const services = allServices.filter((service) => named.includes(service));
	const unknown = named.filter((name) => !allServices.some((service) => service === name));
	if (unknown.length > 0 || services.length === 0) throw usageError(`--services takes api, worker or api,worker; got "${list}".`);
	return services;
}

/** Serves until told to stop, then drains. */
async function serve({ readConfig, startApp, terminal, stop }: CliDeps, services: StartOptions["services"]): Promise<void> {
	const config = readConfig();
	stop.takeOver();
	const app = await startApp(config, { services });
	try {
		if (services.includes("api")) {
			const { url, localToken: token } = app;
			await writeServerInfo(config.dataDir, { url, token, pid: process.pid, startedAt: new Date().toISOString() });
			announce(app, terminal.print);
		}
		if (!stop.signal.aborted) await new Promise((resolve) => stop.signal.addEventListener("abort", resolve, { once: true }));
		terminal.tell("Stopping: running steps are finished or given back. Once more to stop at once.");
	} finally {
		// Before draining: commands must not turn to a server that is about to go.
		await removeServerInfo(config.dataDir, process.pid);
		await app.close();
	}
}

function announce({ url, ownerKey }: RunningApp, print: (line: string) => void): void {
	print(url);
	print(`Studio: ${url}/`);
	if (ownerKey) print(`Owner key, shown only now: ${ownerKey}`);
}
