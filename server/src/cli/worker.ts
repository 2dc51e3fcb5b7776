import type { Command } from "commander";
import { startWorker, type WorkerHandle } from "../worker/loop.ts";
import { createRemoteSource } from "../worker/remoteSource.ts";
import type { CliDeps } from "./deps.ts";
import { CliFailure, usageError } from "./failure.ts";
import { openEngines } from "./openEngines.ts";
import { collect, integer, readHeader } from "./options.ts";

interface WorkerCommand {
	server?: string;
	token?: string;
	slots?: number;
	grace: number;
	allowHttp: boolean;
	engine: string[];
	engineHeader: string[];
	builtIn: boolean;
}

export function addWorker(program: Command, deps: CliDeps): void {
	program
		.command("worker")
		.description("Run steps of a server on this machine. Needs the server's address and a token, nothing else.")
		.option("--server <url>", "the server's address; default: GLASSWORKS_URL")
		.option(
			"--token <token>",
			"from `glassworks workers add`; default: GLASSWORKS_WORKER_TOKEN, which other users of this machine cannot see",
		)
		.option("--slots <n>", "steps at once, per pool; default: one for each engine", integer(1, 64))
		.option(
			"--engine <url>",
			"an engine of this machine to drive (ComfyUI, IOPaint, diffusers), such as http://127.0.0.1:8188; may be repeated",
			collect,
			[],
		)
		.option("--engine-header <name: value>", "sent with every request to the engines; may be repeated", collect, [])
		.option("--no-built-in", "leave out the built-in networks: only the engines work")
		.option("--grace <seconds>", "how long running steps may finish when the worker is stopped", integer(0, 3_600), 60)
		.option("--allow-http", "let token and pictures travel unencrypted within a network you trust", false)
		.action((options: WorkerCommand) => work(deps, options));
}

async function work({ readConfig, terminal, stop }: CliDeps, options: WorkerCommand): Promise<void> {
	const config = readConfig();
	const serverUrl = options.server ?? config.serverUrl;
	const token = options.token ?? config.workerToken;
	if (!serverUrl) throw usageError("the worker needs --server or GLASSWORKS_URL.");
	if (!token) throw usageError("the worker needs --token or GLASSWORKS_WORKER_TOKEN. `glassworks workers add` on the server makes one.");
	if (config.databaseUrl) terminal.tell("DATABASE_URL is not used: a worker speaks only to its server.");
	const source = createRemoteSource({ serverUrl, token, allowHttp: options.allowHttp });
	stop.takeOver();
	const { createLog } = await import("./log.ts");
	const log = createLog(config.logLevel);
	const headers = Object.fromEntries(options.engineHeader.map(readHeader));
	const urls = options.engine.map((url) => url.replace(/\/+$/, ""));
	const { engines, close } = await openEngines(config, log, { urls, headers, builtIn: options.builtIn });
	try {
		await run(startWorker({ source, engines, slots: options.slots, log }));
	} finally {
		await close();
	}

	async function run(worker: WorkerHandle): Promise<void> {
		const leave = () => {
			terminal.tell("Stopping: running steps are finished or given back. Once more to stop at once.");
			void worker.stop(options.grace * 1_000);
		};
		if (stop.signal.aborted) leave();
		else stop.signal.addEventListener("abort", leave, { once: true });
		const terms = await worker.welcomed;
		if (terms) terminal.print(`Worker ${terms.name} (${terms.workerId}) works for ${serverUrl} in ${terms.pools.join(", ")}.`);
		const dismissal = await worker.ended;
		if (dismissal) throw new CliFailure(`${dismissal.message} (${dismissal.code})`);
	}
}
