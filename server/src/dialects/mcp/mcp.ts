import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Door } from "../../contract/door.ts";
import { GlassworksError } from "../../domain/errors.ts";
import { callerOf } from "../common/callerOf.ts";
import { hungUp } from "../common/watchJob.ts";
import { createMcpServer } from "./server.ts";

/** The Model Context Protocol over streamable HTTP, without sessions: every request stands for itself. */
export const mcp = {
	prefix: "/mcp",
	refuse(error: GlassworksError, _request: FastifyRequest, reply: FastifyReply): FastifyReply {
		const body = { jsonrpc: "2.0", error: { code: -32_000, message: error.message, data: { code: error.code } }, id: null };
		return reply.type("application/json; charset=utf-8").send(JSON.stringify(body));
	},
	routes(app: FastifyInstance, door: Door): void {
		app.addHook("onRequest", async (request) => refuseForeignPages(request, door));
		app.post("/", async (request, reply) => {
			const server = createMcpServer(door, callerOf(request), hungUp(reply), (error) => request.log.error({ err: error }, "tool failed"));
			const transport = new StreamableHTTPServerTransport();
			reply.raw.once("close", () => void server.close());
			await server.connect(transport as Parameters<typeof server.connect>[0]);
			reply.hijack();
			await transport.handleRequest(request.raw, reply.raw, request.body);
			return reply;
		});
		app.route({
			method: ["GET", "DELETE"],
			url: "/",
			exposeHeadRoute: false,
			handler: async (_request, reply) => {
				reply.header("allow", "POST");
				throw new GlassworksError("method_not_allowed", "/mcp takes POST: there are no sessions to follow or to end.");
			},
		});
	},
};

/** Another site's page must not use a browser that can reach this server. */
function refuseForeignPages({ headers, host }: FastifyRequest, door: Door): void {
	const { origin } = headers;
	if (origin === undefined) return;
	const isOwn = URL.canParse(origin) && (new URL(origin).host === host || new URL(origin).origin === new URL(door.publicUrl()).origin);
	if (!isOwn) throw new GlassworksError("forbidden", "Requests from other sites' pages are refused.");
}
