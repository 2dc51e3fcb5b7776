import http from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface FaultyProxy {
	url: string;
	/** Paths with their method that were asked for, in order. */
	asked: string[];
	/** What becomes of an answer: `null` is lost on the way, bytes are put in its place, undefined lets it pass as it comes. */
	fault: (request: http.IncomingMessage, whole: () => Promise<Buffer>) => Promise<Buffer | null> | undefined;
	/** Breaks every connection that is open. */
	cut(): void;
	close(): Promise<void>;
}

/** Stands before a real server and does to its answers what networks do. */
export async function createFaultyProxy(target: string): Promise<FaultyProxy> {
	const sockets = new Set<Socket>();
	const server = http.createServer((request, response) => {
		proxy.asked.push(`${request.method} ${request.url}`);
		const { method, headers } = request;
		const ahead = http.request(new URL(request.url ?? "/", target), { method, headers }, (answer) => {
			const whole = async () => {
				const pieces: Buffer[] = [];
				for await (const piece of answer) pieces.push(piece);
				return Buffer.concat(pieces);
			};
			const faulty = proxy.fault(request, whole);
			if (!faulty) {
				response.writeHead(answer.statusCode ?? 502, answer.headers);
				answer.pipe(response);
				answer.on("error", () => response.destroy());
				return;
			}
			void faulty.then((bytes) => {
				if (bytes === null) return response.destroy();
				const { "content-length": _, ...rest } = answer.headers;
				response.writeHead(answer.statusCode ?? 502, rest);
				response.end(bytes);
			});
		});
		ahead.on("error", () => response.destroy());
		response.on("close", () => ahead.destroy());
		request.pipe(ahead);
	});
	server.on("connection", (socket: Socket) => {
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const proxy: FaultyProxy = {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		asked: [],
		fault: () => undefined,
		cut: () => {
			for (const socket of sockets) socket.destroy();
		},
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				proxy.cut();
			}),
	};
	return proxy;
}
