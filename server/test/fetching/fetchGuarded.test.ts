import zlib from "node:zlib";
import { expect, test } from "vitest";
import { GlassworksError } from "../../src/domain/errors.ts";
import { createUrlFetcher } from "../../src/fetching/fetchGuarded.ts";
import { startDnsServer } from "./dnsServer.ts";
import { startRawServer, startWebServer } from "./webServer.ts";

const limits = { maxBytes: 10_000, timeoutMs: 5_000 };
const local = createUrlFetcher({ allowPrivateCidrs: ["127.0.0.0/8"] });
const strict = createUrlFetcher({ allowPrivateCidrs: [] });

async function failure(work: Promise<unknown>): Promise<GlassworksError> {
	const error = await work.then(
		() => new Error("it was fetched"),
		(thrown: unknown) => thrown,
	);
	if (error instanceof GlassworksError) return error;
	throw error;
}

test("a picture is fetched with its content type", async () => {
	const server = await startWebServer((_request, response) => response.writeHead(200, { "content-type": "image/png" }).end("bytes"));
	const { bytes, contentType } = await local.fetch(server.url, limits);
	expect(Buffer.from(bytes).toString()).toBe("bytes");
	expect(contentType).toBe("image/png");
	expect(server.requests[0]?.headers).toMatchObject({ "accept-encoding": "identity", "user-agent": "Glassworks" });
});

test.each([
	"http://127.0.0.1:PORT/",
	"http://2130706433:PORT/",
	"http://0x7f000001:PORT/",
	"http://0177.0.0.1:PORT/",
	"http://127.1:PORT/",
	"http://127.0.0.1.:PORT/",
	"http://①②⑦.0.0.1:PORT/",
	"http://localhost:PORT/",
	"http://LOCALHOST:PORT/",
	"http://0.0.0.0:PORT/",
	"http://[::ffff:127.0.0.1]:PORT/",
	"http://[::1]:PORT/",
	"http://[::]:PORT/",
])("this machine is not reached by %s", async (address) => {
	const server = await startWebServer((_request, response) => response.end("secret"));
	const error = await failure(strict.fetch(address.replace("PORT", String(server.port)), limits));
	expect(error.code).toBe("url_blocked");
	expect(error.message).not.toMatch(/127|::|localhost/);
	expect(server.requests).toEqual([]);
});

test.each([
	"http://169.254.169.254/latest/meta-data/",
	"file:///etc/passwd",
	"ftp://example.com/a.png",
	"data:image/png;base64,AAAA",
	"gopher://example.com/",
	"//example.com/a.png",
	"not a url",
	"",
	"http://user:secret@example.com/",
	"http://user@example.com/",
	"http://example.com:22/",
	"http://example.com:25/",
	"http://[64:ff9b::7f00:1]/",
])("%j is refused without a connection", async (address) => {
	expect((await failure(strict.fetch(address, limits))).code).toBe("url_blocked");
});

test("a name with one private address among public ones is refused", async () => {
	const dns = await startDnsServer((_name, type) =>
		type === 1
			? [
					[93, 184, 216, 34],
					[10, 0, 0, 7],
				]
			: [],
	);
	const error = await failure(
		createUrlFetcher({ allowPrivateCidrs: [], dnsServers: [dns.address] }).fetch("http://mixed.example/", limits),
	);
	dns.close();
	expect(error.code).toBe("url_blocked");
	expect(error.message).not.toContain("10.0");
});

test("a name with a public IPv4 and a private IPv6 address is refused", async () => {
	const dns = await startDnsServer((_name, type) =>
		type === 1 ? [[93, 184, 216, 34]] : [[0xfd, ...Array.from({ length: 14 }, () => 0), 1]],
	);
	const error = await failure(
		createUrlFetcher({ allowPrivateCidrs: [], dnsServers: [dns.address] }).fetch("http://mixed.example/", limits),
	);
	dns.close();
	expect(error.code).toBe("url_blocked");
});

test("a name that changes to this machine after the check is still connected to where it was checked", async () => {
	const inside = await startWebServer((_request, response) => response.end("secret"));
	const outside = await startWebServer((_request, response) => response.end("outside"), "127.0.0.2");
	const dns = await startDnsServer((_name, type, turn) => (type === 1 ? [[127, 0, 0, turn === 0 ? 2 : 1]] : []));
	const fetcher = createUrlFetcher({ allowPrivateCidrs: ["127.0.0.2/32"], dnsServers: [dns.address] });
	const { bytes } = await fetcher.fetch(`http://rebind.example:${outside.port}/`, limits);
	expect(Buffer.from(bytes).toString()).toBe("outside");
	expect(dns.questions.filter(({ type }) => type === 1)).toHaveLength(1);
	const second = await failure(fetcher.fetch(`http://rebind.example:${inside.port}/`, limits));
	dns.close();
	expect(second.code).toBe("url_blocked");
	expect(inside.requests).toEqual([]);
	expect(outside.requests[0]?.headers.host).toBe(`rebind.example:${outside.port}`);
});

test("a redirect by name is looked up and checked anew", async () => {
	const inside = await startWebServer((_request, response) => response.end("secret"));
	const outside = await startWebServer(
		(_request, response) => response.writeHead(302, { location: `http://rebind.example:${inside.port}/` }).end(),
		"127.0.0.2",
	);
	const dns = await startDnsServer((_name, type, turn) => (type === 1 ? [[127, 0, 0, turn === 0 ? 2 : 1]] : []));
	const fetcher = createUrlFetcher({ allowPrivateCidrs: ["127.0.0.2/32"], dnsServers: [dns.address] });
	expect((await failure(fetcher.fetch(`http://rebind.example:${outside.port}/`, limits))).code).toBe("url_blocked");
	dns.close();
	expect(inside.requests).toEqual([]);
});

test("a name without an address fails, and its name servers' silence costs no more than the time allowed", async () => {
	const dns = await startDnsServer(() => []);
	const error = await failure(
		createUrlFetcher({ allowPrivateCidrs: [], dnsServers: [dns.address] }).fetch("http://nowhere.example/", limits),
	);
	dns.close();
	expect(error.code).toBe("url_failed");
	const silent = createUrlFetcher({ allowPrivateCidrs: [], dnsServers: ["127.0.0.1:9"] });
	expect((await failure(silent.fetch("http://nowhere.example/", { ...limits, timeoutMs: 100 }))).code).toBe("url_failed");
});

test.each([301, 302, 303, 307, 308])("a %i redirect is followed", async (status) => {
	const server = await startWebServer((request, response) =>
		request.url === "/" ? response.writeHead(status, { location: "/there?x=1" }).end() : response.end(request.url),
	);
	expect(Buffer.from((await local.fetch(server.url, limits)).bytes).toString()).toBe("/there?x=1");
});

test("three redirects are followed and a fourth is not", async () => {
	const server = await startWebServer((request, response) => {
		const left = Number(request.url?.slice(1));
		if (left > 0) response.writeHead(302, { location: `/${left - 1}` }).end();
		else response.end("there");
	});
	expect(Buffer.from((await local.fetch(`${server.url}3`, limits)).bytes).toString()).toBe("there");
	expect((await failure(local.fetch(`${server.url}4`, limits))).code).toBe("url_failed");
});

test.each(["http://10.0.0.1/", "file:///etc/passwd", "http://user:pw@127.0.0.1/", "http://127.0.0.1:22/", "http://[::1]/"])(
	"a redirect to %s is refused",
	async (location) => {
		const server = await startWebServer((_request, response) => response.writeHead(302, { location }).end());
		expect((await failure(local.fetch(server.url, limits))).code).toBe("url_blocked");
	},
);

test.each([404, 500, 204, 206, 304, 401])("status %i fails and its body is not quoted", async (status) => {
	const server = await startWebServer((_request, response) =>
		response.writeHead(status).end(status === 204 || status === 304 ? undefined : "internal secret"),
	);
	const error = await failure(local.fetch(server.url, limits));
	expect(error.code).toBe("url_failed");
	expect(error.message).toContain(String(status));
	expect(error.message).not.toContain("secret");
});

test("exactly the byte limit is fetched and one more is not, with or without a length", async () => {
	for (const isChunked of [false, true]) {
		const server = await startWebServer((request, response) => {
			const body = Buffer.alloc(Number(request.url?.slice(1)));
			if (isChunked) response.write(body.subarray(0, 10));
			response.end(isChunked ? body.subarray(10) : body);
		});
		expect((await local.fetch(`${server.url}10000`, limits)).bytes).toHaveLength(10_000);
		const error = await failure(local.fetch(`${server.url}10001`, limits));
		expect([error.code, error.data]).toEqual(["body_too_large", { max: 10_000 }]);
	}
});

test("an endless body is dropped at the limit", async () => {
	const server = await startWebServer((_request, response) => {
		const pump = (): void => {
			while (!response.destroyed && response.write(Buffer.alloc(65_536)));
			if (!response.destroyed) response.once("drain", pump);
		};
		pump();
	});
	expect((await failure(local.fetch(server.url, limits))).code).toBe("body_too_large");
});

test("a compressed body is refused unread", async () => {
	const server = await startWebServer((_request, response) =>
		response.writeHead(200, { "content-encoding": "gzip" }).end(zlib.gzipSync(Buffer.alloc(9_000_000))),
	);
	expect((await failure(local.fetch(server.url, limits))).code).toBe("url_failed");
});

test.each([
	["a length larger than the body", "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\nshort"],
	["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nbytes!"],
	["no HTTP at all", "SSH-2.0-OpenSSH_9.6\r\n"],
	["headers without end", `HTTP/1.1 200 OK\r\n${"x-filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(2_000)}`],
	["nothing", ""],
])("an answer with %s fails typed", async (_what, answer) => {
	const server = await startRawServer((socket) => socket.end(answer));
	const error = await failure(local.fetch(server.url, limits));
	expect(error.code).toBe("url_failed");
	expect(error.message).not.toMatch(/127\.0|SSH/);
});

test("bytes beyond the announced length are not taken", async () => {
	const server = await startRawServer((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nbytes and more"));
	const outcome = await local.fetch(server.url, limits).then(
		({ bytes }) => Buffer.from(bytes).toString(),
		(error: unknown) => (error instanceof GlassworksError ? error.code : "untyped"),
	);
	expect(["bytes", "url_failed"]).toContain(outcome);
});

test.each([
	["never answers", () => {}],
	[
		"sends one header byte at a time",
		(socket: { write(text: string): unknown }) => {
			socket.write("HTTP/1.1 200 OK\r\nx-slow: ");
			setInterval(() => socket.write("a"), 20).unref();
		},
	],
	[
		"sends one body byte at a time",
		(socket: { write(text: string): unknown }) => {
			socket.write("HTTP/1.1 200 OK\r\n\r\n");
			setInterval(() => socket.write("a"), 20).unref();
		},
	],
	[
		"sends early hints for ever",
		(socket: { write(text: string): unknown }) => setInterval(() => socket.write("HTTP/1.1 103 Early Hints\r\n\r\n"), 20).unref(),
	],
] as const)("a server that %s is dropped when the time is up", async (_what, talk) => {
	const server = await startRawServer(talk);
	const error = await failure(local.fetch(server.url, { ...limits, timeoutMs: 400 }));
	expect([error.code, error.message]).toEqual(["url_failed", "The address took longer than 400 ms."]);
});

test("a closed port fails without telling the address", async () => {
	const error = await failure(local.fetch("http://127.0.0.1:1025/", limits));
	expect(error.code).toBe("url_failed");
	expect(error.message).not.toMatch(/127|1025|ECONN/);
});

test("a network that is no CIDR stops the start", () => {
	expect(() => createUrlFetcher({ allowPrivateCidrs: ["10.0.0.1"] })).toThrow();
});
