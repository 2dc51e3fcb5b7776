import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { App, HttpPorts } from "./ports.ts";

/** Sends the studio's page, or null when there is none. */
export type SendStudio = ((reply: FastifyReply) => FastifyReply) | null;

/** The studio's files, and `/`. What is returned answers its inner addresses (/gallery, /jobs/...), which exist only in the browser. */
export async function studioRoutes(
	app: App,
	{ webDir, config, operator }: Pick<HttpPorts, "webDir" | "config" | "operator">,
): Promise<SendStudio> {
	if (webDir === null || !existsSync(join(webDir, "index.html"))) {
		app.get("/", { schema: { hide: true } }, async (_request, reply) =>
			reply
				.type("text/plain; charset=utf-8")
				.send(`The studio is not built. Run \`npm run build\`. The API is described at ${config.publicUrl()}/docs.\n` as never),
		);
		return null;
	}
	await app.register(fastifyStatic, {
		root: webDir,
		index: false,
		redirect: false,
		dotfiles: "ignore",
		schemaHide: true,
		// Built files carry their content's hash in their name.
		setHeaders: (reply, path) => {
			reply.header("cache-control", path.includes("/assets/") ? "public, max-age=31536000, immutable" : "no-cache");
			if (path.endsWith(".html"))
				reply.header("content-security-policy", studioPolicy(config.publicUrl(), operator.brand.logoUrl, config.storageOrigin ?? null));
		},
	});
	const send = (reply: FastifyReply) => reply.sendFile("index.html");
	app.get("/", { schema: { hide: true } }, (_request, reply) => send(reply as unknown as FastifyReply) as never);
	return send;
}

/** A person's browser asking for a page, not a program asking for the API. */
export function wantsPage(request: FastifyRequest): boolean {
	const path = request.url.split("?")[0] ?? "";
	const isPage = (request.method === "GET" || request.method === "HEAD") && (request.headers.accept ?? "").includes("text/html");
	// Pages have no extension; a missing file stays missing.
	return isPage && !/\.[^/]*$/.test(path) && !/^\/(api|docs|assets|openapi\.json)(\/|$)/.test(path);
}

/** Only this server's own scripts and styles run. Pictures also come by the public address, which may differ from the one in the bar. */
export function studioPolicy(publicUrl: string, logoUrl: string | null, storageOrigin: string | null): string {
	const origins = [publicUrl, logoUrl, storageOrigin].filter((address) => address !== null).map((address) => new URL(address).origin);
	const pictures = origins.join(" ");
	return [
		"default-src 'self'",
		"script-src 'self'",
		"style-src 'self'",
		`img-src 'self' data: blob: ${pictures}`,
		...(storageOrigin ? [`connect-src 'self' ${pictures}`] : []),
		"worker-src 'self' blob:",
		"object-src 'none'",
		"base-uri 'none'",
		"form-action 'self'",
		"frame-ancestors 'none'",
	].join("; ");
}
