/** Where results (out) and everything else (err) go. */
export interface Terminal {
	/** One line of the result, on standard output. */
	print(line: string): void;
	/** A result for programs, on standard output. */
	printJson(value: unknown): void;
	/** One line for the person watching, on standard error. */
	tell(line: string): void;
	/** Replaces the last drawn line on a terminal; nothing elsewhere. */
	draw(line: string): void;
	/** Whether `draw` is seen. */
	readonly isInteractive: boolean;
}

export interface Streams {
	out: Pick<NodeJS.WriteStream, "write">;
	err: Pick<NodeJS.WriteStream, "write" | "isTTY" | "columns">;
}

export function createTerminal({ out, err }: Streams): Terminal {
	let drawn = false;
	const erase = () => {
		if (drawn) err.write("\r\u001b[2K");
		drawn = false;
	};
	return {
		print(line) {
			erase();
			out.write(`${printable(line)}\n`);
		},
		printJson(value) {
			erase();
			const text = JSON.stringify(value, null, "\t").replaceAll(steering, (character) =>
				character === "\n" || character === "\t" ? character : escaped(character),
			);
			out.write(`${text}\n`);
		},
		tell(line) {
			erase();
			err.write(`${printable(line)}\n`);
		},
		draw(line) {
			if (!err.isTTY) return;
			erase();
			err.write(printable(line).slice(0, Math.max(20, (err.columns ?? 80) - 1)));
			drawn = true;
		},
		isInteractive: err.isTTY === true,
	};
}

/** Control characters, and those that turn the direction of writing. */
const steering = /[\p{Cc}\p{Bidi_Control}]/gu;

function escaped(character: string): string {
	return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Without control characters: what a server says must not steer the terminal. Line breaks and tabs stay. */
export function printable(text: string): string {
	return text.replaceAll(steering, (character) => (character === "\n" || character === "\t" ? character : "\u{fffd}"));
}

/** Columns under headings, as wide as their longest entry. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
	const lines = [headings, ...rows];
	const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
	return lines
		.map((line) =>
			line
				.map((cell, column) => cell.padEnd(widths[column] ?? 0))
				.join("  ")
				.trimEnd(),
		)
		.join("\n");
}
