import { once } from "node:events";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface WebServer {
	url: string;
	port: number;
	/** Every request that arrived. */
	requests: http.IncomingMessage[];
}

/** A web server on this machine for one test. */
export async function startWebServer(handle: http.RequestListener, host = "127.0.0.1"): Promise<WebServer> {
	const requests: http.IncomingMessage[] = [];
	const server = http.createServer((request, response) => {
		requests.push(request);
		handle(request, response);
	});
	server.listen(0, host);
	await once(server, "listening");
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	const { port } = server.address() as AddressInfo;
	return { url: `http://${host}:${port}/`, port, requests };
}

/** A server that speaks whatever bytes `talk` writes, well-formed or not. */
export async function startRawServer(talk: (socket: net.Socket) => void): Promise<{ url: string }> {
	const sockets = new Set<net.Socket>();
	const server = net.createServer((socket) => {
		sockets.add(socket);
		socket.on("error", () => {});
		socket.once("data", () => talk(socket));
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	onTestFinished(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}
