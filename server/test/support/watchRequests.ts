import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";

/** A door before a server that lets requests through and counts those that have it work. */
export interface Watch {
	/** The server's address through this door. */
	url: string;
	/** How many POSTs to this path have come. */
	posts(path: string): number;
	/** How many, to whichever path, were at the server at once, at most. */
	mostPosts(): number;
	close(): Promise<void>;
}

/** Watches an HTTP server. WebSockets are refused: socket.io then goes on polling. */
export async function watchRequests(target: string): Promise<Watch> {
	const paths: string[] = [];
	let now = 0;
	let most = 0;
	const server = http.createServer((request, response) => {
		const { method = "GET", url = "/", headers } = request;
		const counts = method === "POST" && !url.startsWith("/socket.io/");
		if (counts) {
			paths.push(url);
			now += 1;
			most = Math.max(most, now);
		}
		const onward = http.request(new URL(url, target), { method, headers, agent: false }, (answer) => {
			response.writeHead(answer.statusCode ?? 502, answer.headers);
			answer.pipe(response);
		});
		onward.on("close", () => {
			if (counts) now -= 1;
		});
		onward.on("error", () => response.destroy());
		request.pipe(onward);
	});
	server.on("upgrade", (_request, socket) => socket.destroy());
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		posts: (path) => paths.filter((each) => each === path).length,
		mostPosts: () => most,
		async close() {
			server.close();
			server.closeAllConnections();
		},
	};
}
