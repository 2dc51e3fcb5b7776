import { printable } from "./terminal.ts";

/** A whole terminal, redrawn in place. */
export interface Screen {
	/** False where nobody watches: a file, a pipe. */
	readonly isLive: boolean;
	readonly columns: number;
	readonly rows: number;
	/** Takes the terminal; keys come to `onKey` until it is closed. */
	open(onKey: (key: string) => void): void;
	/** Replaces everything shown. */
	draw(lines: readonly string[]): void;
	/** Gives the terminal back as it was. */
	close(): void;
}

interface Keyboard {
	isTTY?: boolean;
	setRawMode?(mode: boolean): unknown;
	resume(): unknown;
	pause(): unknown;
	on(event: "data", listener: (data: Buffer) => void): unknown;
	off(event: "data", listener: (data: Buffer) => void): unknown;
}

export function createScreen(input: Keyboard, output: Pick<NodeJS.WriteStream, "write" | "isTTY" | "columns" | "rows">): Screen {
	let listener: ((data: Buffer) => void) | null = null;
	return {
		isLive: output.isTTY === true,
		get columns() {
			// 0: a terminal that does not tell.
			return output.columns || 80;
		},
		get rows() {
			return output.rows || 24;
		},
		open(onKey) {
			// Another buffer, without a cursor: what was on the terminal comes back at the end.
			output.write("\u001b[?1049h\u001b[?25l");
			if (!input.isTTY) return;
			listener = (data) => onKey(data.toString());
			input.setRawMode?.(true);
			input.on("data", listener);
			input.resume();
		},
		draw(lines) {
			const text = lines.map((line) => `${printable(line).replaceAll("\n", " ")}\u001b[K`).join("\r\n");
			output.write(`\u001b[H${text}\u001b[J`);
		},
		close() {
			if (listener) {
				input.off("data", listener);
				input.setRawMode?.(false);
				input.pause();
			}
			listener = null;
			output.write("\u001b[?25h\u001b[?1049l");
		},
	};
}
