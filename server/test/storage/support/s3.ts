import http from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import type { S3Location } from "../../../src/store/blobs/s3Client.ts";

/** An S3 store on which buckets may be created; empty: tests that need one are skipped. */
export const s3Endpoint = process.env.TEST_S3_ENDPOINT ?? "";

/** A bucket of one's own. */
export async function newBucket(): Promise<
	S3Location & { endpoint: string; credentials: { accessKeyId: string; secretAccessKey: string } }
> {
	const bucket = `test-${crypto.randomUUID()}`;
	// Frozen, as configuration is: the client once failed to write on it.
	const credentials = Object.freeze({ accessKeyId: "test", secretAccessKey: "secret-word" });
	const location = { bucket, endpoint: s3Endpoint, region: "us-east-1", credentials, forcePathStyle: true };
	const client = new S3Client({ ...location, credentials: { ...credentials } });
	await client.send(new CreateBucketCommand({ Bucket: bucket }));
	client.destroy();
	return location;
}

/** What befalls one request. `cut`: the connection breaks in the middle of its body; `lost`: it is done, its answer is lost. */
export type Fault = "cut" | "lost" | { status: number; code: string } | { delayMs: number };

export interface S3Proxy {
	url: string;
	asked: string[];
	/** Asked for each request; null: nothing befalls it. */
	fault: (request: { method: string; path: string }) => Fault | null;
	close(): Promise<void>;
}

/** Stands before a real S3 store and does what networks and busy stores do. */
export async function startS3Proxy(): Promise<S3Proxy> {
	const sockets = new Set<Socket>();
	const server = http.createServer((request, response) => {
		const asked = { method: request.method ?? "", path: request.url ?? "" };
		proxy.asked.push(`${asked.method} ${asked.path}`);
		const fault = proxy.fault(asked);
		if (fault === "cut") return void request.once("data", () => request.socket.destroy()).once("end", () => request.socket.destroy());
		if (fault && typeof fault === "object" && "status" in fault) {
			request.resume().on("end", () => {
				response.writeHead(fault.status, { "content-type": "application/xml" });
				response.end(`<?xml version="1.0"?><Error><Code>${fault.code}</Code><Message>no</Message></Error>`);
			});
			return;
		}
		const forward = () => {
			const { method, headers } = request;
			const ahead = http.request(new URL(request.url ?? "/", s3Endpoint), { method, headers }, (answer) => {
				if (fault === "lost") return void answer.resume().on("end", () => request.socket.destroy());
				response.writeHead(answer.statusCode ?? 502, answer.headers);
				answer.pipe(response);
			});
			ahead.on("error", () => response.destroy());
			request.pipe(ahead);
		};
		if (fault && typeof fault === "object") setTimeout(forward, fault.delayMs);
		else forward();
	});
	server.on("connection", (socket: Socket) => {
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
		socket.on("error", () => undefined);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const proxy: S3Proxy = {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		asked: [],
		fault: () => null,
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				for (const socket of sockets) socket.destroy();
			}),
	};
	return proxy;
}
