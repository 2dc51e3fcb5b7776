import { isIP, type LookupFunction } from "node:net";
import { Agent, type Dispatcher, request as send } from "undici";
import { GlassworksError } from "../domain/errors.ts";
import { isPublicAddress } from "./publicAddress.ts";
import { createResolveHost, type ResolvedAddress, withFamily } from "./resolveHost.ts";

export interface GuardOptions {
	/** Networks that may be reached although they are not public, as CIDR (`10.1.0.0/16`). */
	allowPrivateCidrs: string[];
	/** DNS servers to ask instead of the system's resolver, as `ip` or `ip:port`. */
	dnsServers?: string[];
}

export interface GuardedRequest {
	method: "GET" | "POST";
	url: string;
	headers?: Record<string, string>;
	body?: Uint8Array | string;
	/** Largest answer taken. */
	maxBytes: number;
	/** True: of a longer answer, or one that breaks off, what came within `maxBytes` is taken; of a compressed one nothing. Default: they fail. */
	cutBody?: boolean;
	/** Ends it early. @throws {GlassworksError} url_failed */
	signal?: AbortSignal;
	/** For everything together: names, connections, redirects and the last byte. */
	timeoutMs: number;
	/** At most three, each checked like the first address, without `headers` once the origin changes. Only for GET. */
	followRedirects: boolean;
}

export interface GuardedResponse {
	status: number;
	headers: Record<string, string | string[] | undefined>;
	bytes: Uint8Array;
}

const maxRedirects = 3;
const redirectStatuses = [301, 302, 303, 307, 308];
const maxHeaderBytes = 16 * 1024;

/**
 * Sends requests to addresses a tenant chose. A host is resolved once, refused if any of its addresses is neither public nor allowed, and the connection
 * goes to those checked addresses only, so a name that changes its answer gains nothing. Ports: 80, 443 and 1024 up, as lower ones belong to other protocols.
 * Messages never tell an address that a name led to, nor what was answered.
 * @throws {GlassworksError} url_blocked, url_failed, body_too_large
 */
export function createGuardedRequest(options: GuardOptions): (request: GuardedRequest) => Promise<GuardedResponse> {
	const checkedAddresses = createHostCheck(options);
	return async (request) => {
		const timeout = AbortSignal.timeout(request.timeoutMs);
		const deadline = request.signal ? AbortSignal.any([timeout, request.signal]) : timeout;
		let url = checkUrl(request.url);
		let hop = request;
		for (let redirects = 0; ; redirects++) {
			const addresses = await before(deadline, request.timeoutMs, checkedAddresses(url));
			const answer = await exchange(url, addresses, hop, deadline);
			if ("bytes" in answer) return answer;
			if (redirects === maxRedirects) throw new GlassworksError("url_failed", `The address redirected more than ${maxRedirects} times.`);
			const next = checkUrl(answer.location, url);
			if (url.protocol === "https:" && next.protocol === "http:") throw blocked("it redirects from https to http");
			if (next.origin !== url.origin) hop = { ...hop, headers: {} };
			url = next;
		}
	};
}

/** Whether an address could be asked now: what createGuardedRequest checks before it connects. @throws {GlassworksError} url_blocked, url_failed */
export function createAddressCheck(options: GuardOptions): (url: string, timeoutMs: number) => Promise<void> {
	const checkedAddresses = createHostCheck(options);
	return async (url, timeoutMs) => {
		await before(AbortSignal.timeout(timeoutMs), timeoutMs, checkedAddresses(checkUrl(url)));
	};
}

/** @throws {GlassworksError} url_blocked, url_failed */
function createHostCheck({ allowPrivateCidrs, dnsServers }: GuardOptions): (url: URL) => Promise<ResolvedAddress[]> {
	// An entry that is no CIDR stops the start, not the first request.
	isPublicAddress("192.0.2.1", allowPrivateCidrs);
	const resolveHost = createResolveHost(dnsServers);
	return async (url) => {
		const host = url.hostname.replace(/^\[|\]$/g, "");
		const addresses = isIP(host) ? [withFamily(host)] : await resolveHost(host).catch(() => []);
		if (addresses.length === 0) throw new GlassworksError("url_failed", "The host name has no address.");
		if (addresses.every(({ address }) => isPublicAddress(address, allowPrivateCidrs))) return addresses;
		throw blocked("it leads to a private or reserved network");
	};
}

function blocked(why: string): GlassworksError {
	return new GlassworksError("url_blocked", `The address is not one this server may fetch: ${why}.`);
}

function tooLate(timeoutMs: number): GlassworksError {
	return new GlassworksError("url_failed", `The address took longer than ${timeoutMs} ms.`);
}

function checkUrl(text: string, base?: URL): URL {
	const url = URL.parse(text, base?.href);
	if (!url) throw blocked("it is not a URL");
	if (url.protocol !== "http:" && url.protocol !== "https:") throw blocked("only http and https are fetched");
	if (url.username || url.password) throw blocked("it contains a user name or password");
	if (url.port && url.port !== "80" && url.port !== "443" && Number(url.port) < 1024)
		throw blocked("its port is not 80, 443 or above 1023");
	return url;
}

async function before<T>(deadline: AbortSignal, timeoutMs: number, work: Promise<T>): Promise<T> {
	const late = Promise.withResolvers<never>();
	const onAbort = () => late.reject(tooLate(timeoutMs));
	if (deadline.aborted) onAbort();
	deadline.addEventListener("abort", onAbort);
	try {
		return await Promise.race([work, late.promise]);
	} finally {
		deadline.removeEventListener("abort", onAbort);
	}
}

/** One request on one connection to one of the checked addresses: the answer, or where it redirects. */
async function exchange(
	url: URL,
	addresses: ResolvedAddress[],
	request: GuardedRequest,
	deadline: AbortSignal,
): Promise<GuardedResponse | { location: string }> {
	const { timeoutMs, maxBytes } = request;
	const agent = new Agent({
		connect: { lookup: lookupAmong(addresses), timeout: timeoutMs },
		headersTimeout: timeoutMs,
		bodyTimeout: timeoutMs,
		maxHeaderSize: maxHeaderBytes,
		allowH2: false,
	});
	try {
		const response = await send(url, {
			dispatcher: agent,
			method: request.method,
			body: request.body ?? null,
			headers: { "user-agent": "Glassworks", ...request.headers, "accept-encoding": "identity" },
			signal: deadline,
		});
		// The body ends with an error when the connection is dropped below; whoever reads it sees that, nobody else must.
		response.body.on("error", () => {});
		const location = response.headers.location;
		const isRedirect = request.followRedirects && request.method === "GET" && redirectStatuses.includes(response.statusCode);
		if (isRedirect && typeof location === "string") return { location };
		const bytes = request.cutBody ? await readStart(response, maxBytes) : await readBody(response, maxBytes);
		return { status: response.statusCode, headers: response.headers, bytes };
	} catch (error) {
		if (error instanceof GlassworksError) throw error;
		if (deadline.aborted) throw tooLate(timeoutMs);
		throw connectionError(error);
	} finally {
		await agent.destroy();
	}
}

function lookupAmong(addresses: ResolvedAddress[]): LookupFunction {
	return (_hostname, options, callback) => {
		const [first] = addresses;
		if (options.all || !first) callback(null, addresses);
		else callback(null, first.address, first.family);
	};
}

async function readBody({ headers, body }: Dispatcher.ResponseData, maxBytes: number): Promise<Uint8Array> {
	const tooLarge = () => new GlassworksError("body_too_large", `The answer has more than ${maxBytes} bytes.`, { max: maxBytes });
	const encoding = headers["content-encoding"] ?? "identity";
	// Compressed bytes could unpack to any size, and we asked for none.
	if (String(encoding).toLowerCase() !== "identity") throw new GlassworksError("url_failed", "The address sent a compressed answer.");
	if (Number(headers["content-length"] ?? 0) > maxBytes) throw tooLarge();
	const chunks: Buffer[] = [];
	let total = 0;
	for await (const chunk of body as AsyncIterable<Buffer>) {
		total += chunk.length;
		if (total > maxBytes) throw tooLarge();
		chunks.push(chunk);
	}
	return Buffer.concat(chunks, total);
}

/** The first bytes of an answer whose status is what matters: however it goes on. */
async function readStart({ headers, body }: Dispatcher.ResponseData, maxBytes: number): Promise<Uint8Array> {
	const chunks: Buffer[] = [];
	let total = 0;
	if (String(headers["content-encoding"] ?? "identity").toLowerCase() !== "identity") return Buffer.alloc(0);
	try {
		for await (const chunk of body as AsyncIterable<Buffer>) {
			chunks.push(chunk);
			total += chunk.length;
			if (total >= maxBytes) break;
		}
	} catch {
		// It broke off, or took too long: what came is what there is.
	}
	return Buffer.concat(chunks, total).subarray(0, maxBytes);
}

/** The system's own messages name the address that was tried, so they stop here. */
function connectionError(error: unknown): GlassworksError {
	const code = error instanceof Error && "code" in error ? String(error.code) : "";
	const isCertificate = /CERT|TLS|SSL|SIGNATURE/.test(code);
	return new GlassworksError(
		"url_failed",
		isCertificate ? "The address has no certificate we trust." : "The address could not be reached or broke off.",
	);
}
