import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Lets a server close without waiting for connections on which nothing is being answered. Node itself waits for those that never sent a
 * request (browsers and clients open them in advance), and for those whose answer ends while it is closing.
 */
export function closeQuietConnections(server: Server, stop: AbortSignal): void {
	/** Answers in progress by connection. */
	const answering = new Map<Socket, number>();
	server.on("connection", (socket: Socket) => {
		if (stop.aborted) return socket.destroy();
		answering.set(socket, 0);
		socket.once("close", () => answering.delete(socket));
	});
	server.on("request", ({ socket }, response) => {
		answering.set(socket, (answering.get(socket) ?? 0) + 1);
		response.once("close", () => {
			const left = (answering.get(socket) ?? 1) - 1;
			if (!socket.destroyed) answering.set(socket, left);
			if (left === 0 && stop.aborted) socket.destroySoon();
		});
	});
	stop.addEventListener("abort", () => {
		for (const [socket, count] of answering) if (count === 0) socket.destroy();
	});
}
