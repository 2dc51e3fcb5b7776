import { queue } from "../contract/queue.ts";
import type { App, HttpPorts } from "./ports.ts";
import { presentQueue } from "./presentQueue.ts";
import { json, problems, security } from "./responses.ts";

/** The queue as everybody may see it, without a key. */
export function queueRoutes(app: App, ports: HttpPorts): void {
	app.get(
		"/queue",
		{
			config: { access: "open" },
			schema: {
				operationId: "getQueue",
				tags: ["Server"],
				summary: "How busy the server is, and with what",
				description:
					"Public: by pool, model and plan, with the workers and what they run. Names nobody and shows no prompt. About a second old.",
				security: security.open,
				response: { 200: json("The queue at one instant.", queue), ...problems("forbidden") },
			},
		},
		async (_request, reply) => {
			reply.header("cache-control", "public, max-age=1");
			return presentQueue(await ports.queue.snapshot());
		},
	);
}
