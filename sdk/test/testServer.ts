import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface SeenRequest {
	method: string;
	path: string;
	headers: IncomingMessage["headers"];
	body: string;
}
export type Reply = (response: ServerResponse, request: SeenRequest) => void;

/** A real HTTP server on a free port that answers the n-th request with the n-th reply, and the last one from then on. */
export async function startTestServer(...replies: Reply[]): Promise<{ url: string; seen: SeenRequest[]; close(): Promise<void> }> {
	const seen: SeenRequest[] = [];
	const server = createServer(async (request, response) => {
		let body = "";
		for await (const chunk of request.setEncoding("utf8")) body += chunk;
		const received: SeenRequest = { method: request.method ?? "", path: request.url ?? "", headers: request.headers, body };
		seen.push(received);
		const reply = replies[Math.min(seen.length, replies.length) - 1];
		reply?.(response, received);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		seen,
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Reply {
	return (response) => response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

export function problem(status: number, code: string, headers: Record<string, string> = {}): Reply {
	const body = {
		type: "about:blank",
		title: code,
		status,
		code,
		detail: `because ${code}`,
		errors: [{ path: ["image", "url"], message: "one that exists" }],
		request_id: "req_1",
		max: 4,
	};
	return json(body, status, { "content-type": "application/problem+json", ...headers });
}

/** Cuts the connection without an answer. */
export const cut: Reply = (response) => response.destroy();

/** Sends an event stream in exactly these pieces, then ends it or cuts it. */
export function stream(pieces: (string | Uint8Array)[], end: "close" | "cut" = "close"): Reply {
	return async (response) => {
		response.writeHead(200, { "content-type": "text/event-stream" });
		for (const piece of pieces) {
			response.write(piece);
			await new Promise((resolve) => setImmediate(resolve));
		}
		// A cut right after a write may drop it: the pieces must be on their way first.
		await new Promise((resolve) => setTimeout(resolve, 20));
		if (end === "close") response.end();
		else response.destroy();
	};
}
