import type { FastifyRequest } from "fastify";
import { GlassworksError } from "../domain/errors.ts";

/**
 * Refuses what a browser sends on behalf of another site. `always`: the request must say where it comes from, since a cookie vouches for
 * it. `if told`: clients that are no browsers say nothing and pass. Browsers leave Sec-Fetch-Site out on plain http in a local network.
 * @throws {GlassworksError} forbidden
 */
export function requireSameOrigin(request: FastifyRequest, publicUrl: string, when: "always" | "if told"): void {
	const site = request.headers["sec-fetch-site"];
	const { origin } = request.headers;
	if (site === undefined && origin === undefined && when === "if told") return;
	if (site !== undefined ? site !== "same-origin" : !isOwnOrigin(origin, request.host, publicUrl))
		throw new GlassworksError("forbidden", "A session works only from this server's own pages. Programs send a key instead.");
}

function isOwnOrigin(origin: string | undefined, host: string, publicUrl: string): boolean {
	if (origin === undefined || !URL.canParse(origin)) return false;
	return new URL(origin).host === host || new URL(origin).origin === new URL(publicUrl).origin;
}
