import { GlassworksApiError, GlassworksConnectionError } from "@glassworks/sdk";
import { CommanderError } from "commander";
import { ConfigError } from "../config.ts";
import { GlassworksError } from "../domain/errors.ts";

/** A command that was asked for something it cannot do, or that did its work and has bad news: one line, and how to end. */
export class CliFailure extends Error {
	override readonly name = "CliFailure";
	/** 1: it failed. 2: it was used wrongly. 128 and more: it was stopped. */
	readonly exitCode: number;

	constructor(message: string, exitCode = 1) {
		super(message);
		this.exitCode = exitCode;
	}
}

export function usageError(message: string): CliFailure {
	return new CliFailure(message, 2);
}

/** What to say on standard error and how to end. `unforeseen` is true for our own mistakes. */
export function explainFailure(error: unknown): { lines: string[]; exitCode: number; unforeseen: boolean } {
	const known = (lines: string[], exitCode: number) => ({ lines, exitCode, unforeseen: false });
	// commander has said it already.
	if (error instanceof CommanderError) return known([], error.exitCode === 0 ? 0 : 2);
	if (error instanceof ConfigError)
		return known([...error.lines.map((line) => `error: ${line}`), "`glassworks help env` explains every variable."], 2);
	if (error instanceof CliFailure) return known(error.message === "" ? [] : [`error: ${error.message}`], error.exitCode);
	if (error instanceof GlassworksError) return known([`error: ${error.message} (${error.code})`], 1);
	if (error instanceof GlassworksApiError) {
		const request = error.code === "internal" && error.requestId ? [`request id: ${error.requestId}`] : [];
		return known([`error: ${error.detail} (${error.code})`, ...request], 1);
	}
	if (error instanceof GlassworksConnectionError) return known([`error: ${error.message} (unavailable)`], 1);
	return { lines: [`error: ${error instanceof Error ? error.message : String(error)} (internal)`], exitCode: 1, unforeseen: true };
}
