import type { Batch } from "@glassworks/sdk";
import { InvalidArgumentError } from "commander";
import type { CliDeps } from "../deps.ts";
import { formatSpan } from "../generate/progress.ts";
import { formatMoney, parseMoney } from "../money.ts";

/** Micro-dollars of `--budget`; null: none. */
export function readBudget(text: string): number | null {
	if (text === "none") return null;
	const microUsd = parseMoney(text);
	if (microUsd !== null) return microUsd;
	throw new InvalidArgumentError("must be an amount of dollars such as 12.50, or none.");
}

/** One line that is redrawn. */
export function drawProgress({ terminal }: CliDeps): (batch: Batch) => void {
	let last = "";
	return (batch) => {
		const line = progressLine(batch);
		terminal.draw(line);
		if (!terminal.isInteractive && line !== last) terminal.tell(line);
		last = line;
	};
}

function progressLine({ status, progress, counts, items, eta, waiting }: Batch): string {
	const ended = counts.succeeded + counts.partial + counts.failed + counts.cancelled;
	return [
		`${status}  ${Math.floor(progress * 100)} %  ${ended} of ${items}`,
		...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
		...(waiting && status !== "running" ? [`why: ${waiting.reason.replaceAll("_", " ")}`] : []),
		...(eta ? [`ETA ${formatSpan(eta.p50_ms)}`] : []),
	].join("  ");
}

export function show({ terminal }: CliDeps, batch: Batch, json: boolean): void {
	if (json) {
		terminal.printJson(batch);
		return;
	}
	terminal.print(`${batch.id}${batch.name ? ` (${batch.name})` : ""}: ${progressLine(batch)}`);
	terminal.print(`charged ${formatMoney(batch.charged_micro_usd)} of ${formatMoney(batch.quote.total_micro_usd)} quoted`);
	if (batch.waiting) terminal.print(batch.waiting.detail);
}
