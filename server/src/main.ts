import { readFileSync } from "node:fs";
import { explainFailure } from "./cli/failure.ts";
import { createProgram } from "./cli/program.ts";
import { createScreen } from "./cli/screen.ts";
import { watchStopSignals } from "./cli/stopSignals.ts";
import { createTerminal } from "./cli/terminal.ts";
import { readConfig } from "./config.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
const terminal = createTerminal({ out: process.stdout, err: process.stderr });

/** Ends the process and says why. Handles that libraries leave open must not keep a finished command alive. */
function end(error: unknown): never {
	if (error === undefined) process.exit(0);
	const { lines, exitCode, unforeseen } = explainFailure(error);
	for (const line of lines) terminal.tell(line);
	if (unforeseen && error instanceof Error && error.stack) terminal.tell(error.stack);
	process.exit(exitCode);
}

process.on("unhandledRejection", end);
process.on("uncaughtException", end);
// A reader that has seen enough (`| head`) is no failure.
for (const stream of [process.stdout, process.stderr])
	stream.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code !== "EPIPE") throw error;
	});

const program = createProgram(
	{
		readConfig: () => readConfig(),
		// Loaded when needed: the database and the networks take a second that `--help` should not.
		startApp: async (config, options) => (await import("./app.ts")).startApp(config, options),
		openPorts: async (config) => (await import("./app.ts")).openPorts(config),
		terminal,
		screen: createScreen(process.stdin, process.stdout),
		stop: watchStopSignals(process, (exitCode) => process.exit(exitCode)),
	},
	version,
);

try {
	await program.parseAsync();
	end(undefined);
} catch (error) {
	end(error);
}
