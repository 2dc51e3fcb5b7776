import { principalOf } from "./authenticate.ts";
import { exportEntries } from "./exportEntries.ts";
import type { App, HttpPorts } from "./ports.ts";
import { bytes, problems, security } from "./responses.ts";
import { zipStream } from "./zipStream.ts";

export function exportRoutes(app: App, ports: HttpPorts): void {
	app.get(
		"/export.zip",
		{
			config: { access: "manage" },
			exposeHeadRoute: false,
			schema: {
				operationId: "exportAccount",
				tags: ["Account"],
				summary: "Everything your account owns, as a ZIP",
				description:
					"Jobs with recipes and bills, pictures, uploads, workflows, ledger and keys (without secrets). Made while it is sent, so its size is not known before; a file README.txt says what is in it.",
				security: security.key,
				response: { 200: bytes("The ZIP.", "application/zip"), ...problems("unauthenticated", "forbidden") },
			},
		},
		async (request, reply) => {
			const principal = principalOf(request);
			reply
				.type("application/zip")
				.header("cache-control", "no-store")
				.header("content-disposition", `attachment; filename="glassworks-${principal.tenantId}.zip"`);
			return reply.send(zipStream(exportEntries(ports, principal))) as never;
		},
	);
}
