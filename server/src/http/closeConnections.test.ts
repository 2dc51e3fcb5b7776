import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { closeQuietConnections } from "./closeConnections.ts";

async function open(port: number): Promise<Socket> {
	const socket = connect(port, "127.0.0.1");
	socket.on("error", () => {});
	await once(socket, "connect");
	return socket;
}

test("a server closes although clients keep connections open in advance, and answers what it has begun", async () => {
	const stop = new AbortController();
	const begun = Promise.withResolvers<void>();
	const server = createServer(async (_request, response) => {
		begun.resolve();
		await once(stop.signal, "abort");
		await new Promise((resolve) => setTimeout(resolve, 50));
		response.end("answered");
	});
	closeQuietConnections(server, stop.signal);
	await once(server.listen(0, "127.0.0.1"), "listening");
	const address = server.address();
	const port = typeof address === "object" && address ? address.port : 0;

	const silent = await open(port);
	const half = await open(port);
	half.write("GET / HTTP/1.1\r\nHo");
	const asking = await open(port);
	let answer = "";
	asking.on("data", (chunk) => (answer += String(chunk)));
	asking.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n");
	await begun.promise;

	const closed = once(server, "close");
	stop.abort();
	server.close();
	await closed;
	await Promise.all([silent, half, asking].map((socket) => socket.destroyed || once(socket, "close")));
	expect(answer).toContain("answered");
});
