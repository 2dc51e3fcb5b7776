import type { Queue } from "@glassworks/sdk";
import type { Command } from "commander";
import { pause } from "../worker/pause.ts";
import { type Connection, connect } from "./connect.ts";
import type { CliDeps } from "./deps.ts";
import { explainFailure } from "./failure.ts";
import { queueLines } from "./queueScreen.ts";
import type { Screen } from "./screen.ts";

const redrawMs = 2_000;
const minColumns = 40;

export function addQueue(program: Command, deps: CliDeps): void {
	program
		.command("queue")
		.description("What waits, who works on what, and how many workers are wanted: live, or once where nobody watches.")
		.option("--once", "print it once", false)
		.option("--json", "print JSON, once", false)
		.action((options: { once: boolean; json: boolean }) => show(deps, options));
}

async function show({ readConfig, terminal, screen, stop }: CliDeps, { once, json }: { once: boolean; json: boolean }): Promise<void> {
	const connection = await connect(readConfig());
	if (!once && !json && screen.isLive) {
		stop.takeOver();
		return watch(connection, screen, stop.signal);
	}
	const queue = await connection.client.queue.get();
	if (json) return terminal.printJson(queue);
	for (const line of queueLines(queue, Math.max(minColumns, screen.columns))) terminal.print(line);
}

/** Redraws until q, Ctrl-C or a stop. A server that does not answer is said and asked again. */
async function watch({ client, url }: Connection, screen: Screen, stop: AbortSignal): Promise<void> {
	const left = new AbortController();
	const signal = AbortSignal.any([stop, left.signal]);
	let queue: Queue | null = null;
	let trouble: string | null = null;
	screen.open((key) => {
		if (key === "q" || key === "Q" || key === "\u0003") left.abort();
	});
	try {
		while (!signal.aborted) {
			try {
				queue = await client.queue.get({ signal });
				trouble = null;
			} catch (error) {
				trouble = explainFailure(error).lines[0] ?? "the server does not answer";
			}
			if (!signal.aborted) screen.draw(frame(queue, trouble, { url, screen }));
			await pause(redrawMs, signal);
		}
	} finally {
		screen.close();
	}
}

/** As much as the terminal shows, with a line that says what is left out. */
function frame(queue: Queue | null, trouble: string | null, { url, screen }: { url: string; screen: Screen }): string[] {
	const columns = Math.max(minColumns, screen.columns);
	const head = `Queue of ${url}${queue ? `  ${queue.as_of.slice(11, 19)} UTC` : ""}  (q leaves)`.slice(0, columns);
	const lines = [head, ...(trouble ? [trouble.slice(0, columns)] : []), "", ...(queue ? queueLines(queue, columns) : [])];
	const room = Math.max(4, screen.rows - 1);
	if (lines.length <= room) return lines;
	return [
		...lines.slice(0, room - 1),
		`... ${lines.length - room + 1} more lines: a taller window, or --once, shows them`.slice(0, columns),
	];
}
