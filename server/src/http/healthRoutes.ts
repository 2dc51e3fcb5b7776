import { liveness, readiness } from "../contract/server.ts";
import type { App, HttpPorts } from "./ports.ts";
import { json, security } from "./responses.ts";

export function healthRoutes(app: App, ports: HttpPorts): void {
	app.get(
		"/healthz",
		{
			schema: {
				operationId: "getLiveness",
				tags: ["Health"],
				summary: "The process answers",
				security: security.open,
				response: { 200: json("It does.", liveness) },
			},
		},
		async () => ({ status: "ok" as const, version: ports.config.version }),
	);

	app.get(
		"/readyz",
		{
			schema: {
				operationId: "getReadiness",
				tags: ["Health"],
				summary: "Requests can be served",
				security: security.open,
				response: { 200: json("They can.", readiness), 503: json("Not now.", readiness) },
			},
		},
		async (_request, reply) => {
			const { ok, checks } = await ports.ready();
			return reply.code(ok ? 200 : 503).send({ status: ok ? "ok" : "unavailable", checks });
		},
	);
}
