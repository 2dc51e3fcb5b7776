import type { IncomingMessage, ServerResponse } from "node:http";
import { answerRequest, type Backstage, type Reply } from "./routes.ts";
import type { Asked, ReplayOptions } from "./startReplayServer.ts";

/** Takes requests, writes them down in `asked` and answers them, well or badly. */
export function createExchange({ requires = {}, fault }: ReplayOptions, backstage: Backstage, asked: Asked[]) {
	const counts = new Map<string, number>();

	function isAllowed(request: IncomingMessage): boolean {
		return Object.entries(requires).every(([name, value]) => request.headers[name.toLowerCase()] === value);
	}

	async function exchange(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const call = await readRequest(request);
		asked.push(call);
		const key = `${call.method} ${call.path}`;
		const count = (counts.get(key) ?? 0) + 1;
		counts.set(key, count);
		if (!isAllowed(request)) return send(response, { status: 401, text: "Unauthorized" });
		const broken = fault?.({ ...call, count });
		const reply = broken?.does === false ? null : await answerRequest(call, backstage);
		if (broken?.answer === "hang") return;
		if (broken?.answer === "drop") return void response.socket?.destroy();
		if (broken?.answer === "status")
			return send(response, { status: broken.status, text: "500 Internal Server Error\n\nServer got itself in trouble" });
		if (reply) send(response, reply);
	}

	return {
		isAllowed,
		handle(request: IncomingMessage, response: ServerResponse): void {
			exchange(request, response).catch(() => response.socket?.destroy());
		},
	};
}

async function readRequest(request: IncomingMessage): Promise<Asked> {
	const pieces: Buffer[] = [];
	for await (const piece of request) pieces.push(piece);
	const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
	return {
		method: request.method ?? "GET",
		path: pathname.slice(1),
		query: searchParams,
		body: Buffer.concat(pieces),
		contentType: request.headers["content-type"] ?? "",
	};
}

function send(response: ServerResponse, { status, json, text, bytes }: Reply): void {
	const body = json === undefined ? (bytes ?? text ?? "") : JSON.stringify(json);
	response.writeHead(status, { "content-type": json === undefined ? "text/plain; charset=utf-8" : "application/json; charset=utf-8" });
	response.end(body);
}
