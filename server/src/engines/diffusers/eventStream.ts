/** One server-sent event. */
export interface ServerSentEvent {
	id: string;
	type: string;
	data: string;
}

/** An event of the sidecar is a picture of a few kilobytes at most. */
const maxEventBytes = 4 * 1024 * 1024;

/** Reads server-sent events; `null` for every piece that ends none, which shows that the connection lives. An unfinished last event is dropped. */
export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent | null> {
	const decoder = new TextDecoder();
	let text = "";
	for await (const piece of body) {
		text += decoder.decode(piece, { stream: true });
		if (text.length > maxEventBytes) throw new Error(`an event of more than ${maxEventBytes} bytes`);
		const blocks = text.split(/\r?\n\r?\n/);
		text = blocks.pop() ?? "";
		yield null;
		for (const block of blocks) {
			const event = readBlock(block);
			if (event) yield event;
		}
	}
}

/** Null: a comment. */
function readBlock(block: string): ServerSentEvent | null {
	const fields: Record<string, string> = {};
	for (const line of block.split(/\r?\n/)) {
		const [, name = "", value = ""] = /^([a-z]+): ?(.*)$/.exec(line) ?? [];
		if (name) fields[name] = name in fields ? `${fields[name]}\n${value}` : value;
	}
	return fields.data === undefined ? null : { id: fields.id ?? "", type: fields.event ?? "message", data: fields.data };
}
