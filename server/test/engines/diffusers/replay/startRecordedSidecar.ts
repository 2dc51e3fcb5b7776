import http from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { jobKey, type RecordedJob, type SidecarRecording } from "./sidecarRecording.ts";

export interface RecordedSidecar {
	url: string;
	/** Forgets its jobs and breaks every connection, as a sidecar does that is restarted. */
	restart(): void;
	close(): Promise<void>;
}

interface Play {
	job: RecordedJob;
	cancelled: PromiseWithResolvers<void>;
}

/** Answers as the real sidecar did. What was never recorded is refused, so that a test cannot pass on an answer nobody gave. */
export async function startRecordedSidecar({ capabilities, jobs }: SidecarRecording): Promise<RecordedSidecar> {
	const plays = new Map<string, Play>();
	const sockets = new Set<Socket>();

	function start(response: http.ServerResponse, body: string): void {
		const job = jobs.find(({ asked }) => asked === jobKey(body));
		if (job && !job.refusal) plays.set(JSON.parse(body).id, { job, cancelled: Promise.withResolvers() });
		const unknown = { error: { class: "invalid", message: `not recorded: ${jobKey(body)}` } };
		send(response, job?.status ?? 422, job ? (job.refusal ?? { state: "running" }) : unknown);
	}

	/** The last word of a job that was recorded being cancelled comes once it is. */
	async function tell(response: http.ServerResponse, { job, cancelled }: Play, after: number): Promise<void> {
		response.writeHead(200, { "content-type": "text/event-stream" });
		for (const event of job.events) {
			if (Number(/^id: (\d+)$/m.exec(event)?.[1]) <= after) continue;
			if (/^event: failed$/m.test(event) && event.includes('"cancelled"')) await cancelled.promise;
			await nextTurn();
			response.write(`${event}\n\n`);
		}
		response.end();
	}

	const server = http.createServer(async (request, response) => {
		const [, resource, id = "", part, n] = (request.url ?? "").slice(1).split("/");
		const play = plays.get(id);
		if (resource === "capabilities") return send(response, 200, capabilities);
		if (resource === "jobs" && request.method === "POST") return start(response, await readText(request));
		if (!play) return send(response, 404, { error: { class: "invalid", message: "There is no such job." } });
		if (request.method === "DELETE") {
			play.cancelled.resolve();
			return send(response, 202, {});
		}
		if (part === "events") return tell(response, play, Number(request.headers["last-event-id"] ?? 0));
		response.end(Buffer.from(play.job.outputs[Number(n)] ?? "", "base64"));
	});
	server.on("connection", (socket: Socket) => {
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const cut = () => {
		for (const socket of sockets) socket.destroy();
	};
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		restart() {
			plays.clear();
			cut();
		},
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				cut();
			}),
	};
}

function send(response: http.ServerResponse, status: number, json: object): void {
	response.writeHead(status, { "content-type": "application/json" });
	response.end(JSON.stringify(json));
}

async function readText(request: http.IncomingMessage): Promise<string> {
	const pieces: Buffer[] = [];
	for await (const piece of request) pieces.push(piece);
	return Buffer.concat(pieces).toString("utf8");
}
