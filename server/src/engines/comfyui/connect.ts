import { WebSocket } from "ws";
import { addressOf } from "./http.ts";
import type { Timings } from "./timings.ts";

export interface SocketOptions {
	url: string;
	headers: Record<string, string>;
	timings: Pick<Timings, "socketOpenMs" | "pingMs">;
}

/** Without it the server sends previews that do not say whose they are. It must be the first message. */
const featureFlags = JSON.stringify({ type: "feature_flags", data: { supports_preview_metadata: true } });

/** A socket of ComfyUI for this client id, still opening. It closes by itself when nothing answers at its other end any more. */
export function connect(clientId: string, { url, headers, timings }: SocketOptions): WebSocket {
	const address = addressOf(url, `ws?clientId=${clientId}`);
	address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
	const limits = { handshakeTimeout: timings.socketOpenMs, maxPayload: 64 * 1024 * 1024, perMessageDeflate: false };
	const socket = new WebSocket(address, { headers, ...limits });
	socket.on("open", () => socket.send(featureFlags));
	keepAlive(socket, timings.pingMs);
	return socket;
}

/** Resolves when the socket is open or will not open. */
export function opened(socket: WebSocket): Promise<void> {
	if (socket.readyState !== WebSocket.CONNECTING) return Promise.resolve();
	return new Promise((resolve) => {
		socket.once("open", () => resolve());
		socket.once("close", () => resolve());
	});
}

/** ComfyUI never pings, so a connection that a router forgot would stay open for ever. */
function keepAlive(socket: WebSocket, everyMs: number): void {
	let isAnswered = true;
	socket.on("pong", () => {
		isAnswered = true;
	});
	const timer = setInterval(() => {
		if (socket.readyState !== WebSocket.OPEN) return;
		if (!isAnswered) return socket.terminate();
		isAnswered = false;
		socket.ping();
	}, everyMs);
	timer.unref();
	socket.on("close", () => clearInterval(timer));
}
