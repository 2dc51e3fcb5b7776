import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import path from "node:path";
import { z } from "zod";

const folder = path.join(import.meta.dirname, "../../data/iopaint");

const exchange = z.object({
	request: z.object({ method: z.string(), path: z.string(), bodyJson: z.record(z.string(), z.unknown()).optional() }),
	response: z.object({
		status: z.int(),
		headers: z.record(z.string(), z.string()),
		bodyJson: z.json().optional(),
		bodyBase64: z.string().optional(),
		bodyText: z.string().optional(),
	}),
});
export type Exchange = z.infer<typeof exchange>;

/** One exchange with a real IOPaint 1.6.0, by the number its file begins with and what follows (`10-inpaint-png`). */
export function readExchange(name: string): Exchange {
	return exchange.parse(JSON.parse(readFileSync(path.join(folder, `${name}.json`), "utf8")));
}

export interface Seen {
	/** `POST /api/v1/inpaint`. */
	route: string;
	headers: IncomingMessage["headers"];
	body: Record<string, unknown>;
}

export interface RecordedIopaint {
	url: string;
	/** Every request but those for progress, which this server has none of. */
	seen: Seen[];
	/** Resolves once this many requests to the route have come. */
	reached(route: string, count: number): Promise<void>;
	close(): Promise<void>;
}

/** Names the recorded answer to a request; may take its time. */
export type Script = (request: Seen, before: Seen[]) => string | Promise<string>;

/** Serves recorded answers on a loopback port. */
export async function serveRecordings(script: Script): Promise<RecordedIopaint> {
	const seen: Seen[] = [];
	let changed = Promise.withResolvers<void>();
	const server = createServer(async (request, response) => {
		const route = `${request.method} ${request.url}`;
		if (request.url?.startsWith("/socket.io/")) return void response.writeHead(404).end();
		const pieces: Buffer[] = [];
		for await (const piece of request) pieces.push(piece);
		const text = Buffer.concat(pieces).toString();
		const entry: Seen = { route, headers: request.headers, body: text === "" ? {} : JSON.parse(text) };
		const before = [...seen];
		seen.push(entry);
		changed.resolve();
		changed = Promise.withResolvers();
		const { status, headers, bodyJson, bodyBase64, bodyText } = readExchange(await script(entry, before)).response;
		const body = bodyBase64 === undefined ? Buffer.from(bodyText ?? JSON.stringify(bodyJson)) : Buffer.from(bodyBase64, "base64");
		const { date, server: _, "content-length": __, ...kept } = headers;
		response.writeHead(status, kept).end(body);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	if (address === null || typeof address === "string") throw new Error("no port");
	return {
		url: `http://127.0.0.1:${address.port}`,
		seen,
		async reached(route, count) {
			while (seen.filter((entry) => entry.route === route).length < count) await changed.promise;
		},
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}
