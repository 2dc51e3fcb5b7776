import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { JsonObject } from "../../../../src/domain/json.ts";

/** The sockets of the replay, by client id, with the mistake of ComfyUI's server.py kept: whoever closes takes the client id with him. */
export interface Sockets {
	upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
	/** To one client; to nobody when it has no socket. */
	tell(clientId: string | null, frame: JsonObject | Buffer): void;
	tellAll(frame: JsonObject | Buffer): void;
	/** Client ids of every connection so far, in order. */
	seen(): string[];
	/** How many are open. */
	open(): number;
	dropAll(): void;
	deafen(): void;
	/** From now on every connection is refused, or no more. */
	refuse(isRefusing: boolean): void;
}

export interface SocketEvents {
	/** What a socket is told when it opens. */
	greet(clientId: string): JsonObject[];
	/** What is answered to feature flags; null: this server does not know them. */
	flags: JsonObject | null;
}

export function createSockets(events: SocketEvents): Sockets {
	const server = new WebSocketServer({ noServer: true });
	const open = new Set<WebSocket>();
	const deaf = new Set<WebSocket>();
	const byClient = new Map<string, WebSocket>();
	const seen: string[] = [];
	let isRefusing = false;

	function send(socket: WebSocket | undefined, frame: JsonObject | Buffer): void {
		if (!socket || deaf.has(socket)) return;
		socket.send(Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
	}

	function welcome(socket: WebSocket, clientId: string): void {
		open.add(socket);
		seen.push(clientId);
		byClient.set(clientId, socket);
		socket.on("error", () => {});
		socket.on("close", () => {
			open.delete(socket);
			byClient.delete(clientId);
		});
		socket.once("message", (data) => {
			if (JSON.parse(String(data)).type === "feature_flags" && events.flags)
				send(byClient.get(clientId), { type: "feature_flags", data: events.flags });
		});
		for (const frame of events.greet(clientId)) send(socket, frame);
	}

	return {
		upgrade(request, socket, head) {
			if (isRefusing) return void socket.destroy();
			const clientId = new URL(request.url ?? "/", "http://localhost").searchParams.get("clientId") ?? "";
			server.handleUpgrade(request, socket, head, (opened) => welcome(opened, clientId));
		},
		tell: (clientId, frame) => send(clientId === null ? undefined : byClient.get(clientId), frame),
		tellAll(frame) {
			for (const socket of new Set(byClient.values())) send(socket, frame);
		},
		seen: () => seen,
		open: () => open.size,
		dropAll() {
			for (const socket of open) socket.terminate();
		},
		deafen() {
			for (const socket of open) deaf.add(socket);
		},
		refuse(refusing) {
			isRefusing = refusing;
		},
	};
}
