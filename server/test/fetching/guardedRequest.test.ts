import { once } from "node:events";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { createGuardedRequest } from "../../src/fetching/guardedRequest.ts";
import { startWebServer } from "./webServer.ts";

const send = createGuardedRequest({ allowPrivateCidrs: ["127.0.0.0/8"] });
const limits = { maxBytes: 1_000, timeoutMs: 5_000 };

test("a POST carries its body and headers and returns any status", async () => {
	const received: Promise<string>[] = [];
	const server = await startWebServer((request, response) => {
		received.push(text(request));
		request.on("end", () => response.writeHead(503, { "x-reason": "busy" }).end("later"));
	});
	const headers = { "content-type": "application/json", "webhook-id": "evt_1" };
	const answer = await send({ method: "POST", url: server.url, headers, body: '{"a":1}', ...limits, followRedirects: false });
	expect([answer.status, answer.headers["x-reason"], Buffer.from(answer.bytes).toString()]).toEqual([503, "busy", "later"]);
	expect(await received[0]).toBe('{"a":1}');
	expect(server.requests[0]?.headers).toMatchObject(headers);
});

test("a POST is never redirected, whatever is asked", async () => {
	const server = await startWebServer((_request, response) => response.writeHead(307, { location: "/elsewhere" }).end());
	const answer = await send({ method: "POST", url: server.url, body: "x", ...limits, followRedirects: true });
	expect(answer.status).toBe(307);
	expect(server.requests).toHaveLength(1);
});

test("headers meant for one server are not sent to another it redirects to", async () => {
	const other = await startWebServer((_request, response) => response.end());
	const first = await startWebServer((request, response) => {
		if (request.url === "/") response.writeHead(302, { location: "/again" }).end();
		else response.writeHead(302, { location: other.url }).end();
	});
	await send({ method: "GET", url: first.url, headers: { authorization: "Bearer secret" }, ...limits, followRedirects: true });
	expect(first.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer secret", "Bearer secret"]);
	expect(other.requests[0]?.headers.authorization).toBeUndefined();
});

test("an https server that shows no certificate is refused without details", async () => {
	const server = https.createServer({}, () => {});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	onTestFinished(() => void server.close());
	const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
	const request = send({ method: "GET", url, ...limits, followRedirects: true });
	await expect(request).rejects.toMatchObject({ code: "url_failed", message: "The address has no certificate we trust." });
});
