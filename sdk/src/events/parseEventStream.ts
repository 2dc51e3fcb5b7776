/** One server-sent event as it came over the wire. */
export interface StreamedEvent {
	/** Null when the event carried none: it is not replayed after a cut. */
	id: string | null;
	/** `message` unless the server named it. */
	event: string;
	data: string;
	/** Milliseconds the server asks to wait before connecting again, when this block said so. */
	retryMs: number | null;
}

/** An event longer than this is refused: a preview is a few kilobytes. In characters. */
const longestLine = 8_000_000;

/**
 * Reads a `text/event-stream` body in chunks cut anywhere, even inside a character or between CR and LF.
 * Comments are dropped, and so is an event the connection was cut in: it comes again. @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export async function* parseEventStream(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamedEvent, void, undefined> {
	const reader = body.getReader();
	const decoder = new TextDecoder();
	let rest = "";
	let block = emptyBlock();
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			rest += decoder.decode(value, { stream: true });
			if (rest.length > longestLine) throw new Error("an event of this stream is too long");
			const { lines, rest: left } = splitLines(rest);
			rest = left;
			for (const line of lines) {
				if (line !== "") readLine(line, block);
				else {
					const event = eventOf(block);
					block = emptyBlock();
					if (event) yield event;
				}
			}
		}
	} finally {
		// Frees the connection also when the consumer stops early.
		await reader.cancel().catch(() => {});
	}
}

interface Block {
	id: string | null;
	event: string;
	data: string[];
	retryMs: number | null;
}

function emptyBlock(): Block {
	return { id: null, event: "message", data: [], retryMs: null };
}

/** Whole lines, and what is left. A CR at the very end may be half of a CRLF: it stays. */
function splitLines(text: string): { lines: string[]; rest: string } {
	const held = text.endsWith("\r") ? 1 : 0;
	const lines = text.slice(0, text.length - held).split(/\r\n|\r|\n/);
	const last = lines.pop() ?? "";
	return { lines, rest: last + text.slice(text.length - held) };
}

function readLine(line: string, block: Block): void {
	const colon = line.indexOf(":");
	const name = colon < 0 ? line : line.slice(0, colon);
	const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
	if (name === "data") block.data.push(value);
	else if (name === "event") block.event = value;
	else if (name === "id" && !value.includes("\0")) block.id = value;
	else if (name === "retry" && /^\d+$/.test(value)) block.retryMs = Number(value);
}

function eventOf(block: Block): StreamedEvent | null {
	if (block.data.length === 0 && block.retryMs === null) return null;
	return { id: block.id, event: block.event, data: block.data.join("\n"), retryMs: block.retryMs };
}
