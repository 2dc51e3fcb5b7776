import { InvalidArgumentError } from "commander";
import { usageError } from "./failure.ts";

/** Parses a whole number in a range, both ends included. */
export function integer(min: number, max: number): (text: string) => number {
	return (text) => {
		const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
		if (value >= min && value <= max) return value;
		throw new InvalidArgumentError(`must be a whole number from ${min} to ${max}.`);
	};
}

/** Parses a number in a range, both ends included. */
export function number(min: number, max: number): (text: string) => number {
	return (text) => {
		const value = text.trim() === "" ? Number.NaN : Number(text);
		if (value >= min && value <= max) return value;
		throw new InvalidArgumentError(`must be a number from ${min} to ${max}.`);
	};
}

/** A header as `name: value`. @throws {CliFailure} */
export function readHeader(text: string): [name: string, value: string] {
	const at = text.indexOf(":");
	if (at < 1) throw usageError("a header must be a name and a value, such as 'Authorization: Bearer ...'.");
	return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

/** An option that may be given several times. */
export function collect(text: string, earlier: string[] = []): string[] {
	return [...earlier, text];
}
