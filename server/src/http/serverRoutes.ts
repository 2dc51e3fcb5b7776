import { z } from "zod";
import { model, modelList, server } from "../contract/server.ts";
import { GlassworksError } from "../domain/errors.ts";
import type { App, HttpPorts } from "./ports.ts";
import { presentModel, presentServer } from "./presentServer.ts";
import { json, problems, security } from "./responses.ts";

/** What this server can do. */
export function serverRoutes(app: App, ports: HttpPorts): void {
	app.get(
		"/server",
		{
			config: { access: "open" },
			schema: {
				operationId: "getServer",
				tags: ["Server"],
				summary: "Its name, look and addresses",
				security: security.open,
				response: { 200: json("What people see.", server), ...problems() },
			},
		},
		async () => presentServer(ports),
	);
	modelRoutes(app, ports);
}

function modelRoutes(app: App, ports: HttpPorts): void {
	const presentAll = async () => {
		const [live, facts] = await Promise.all([ports.workers.live(ports.config.liveForMs), ports.modelFacts.read()]);
		return ports.operator.models.map((entry) => presentModel(entry, ports.operator, live, facts.get(entry.name)));
	};
	app.get(
		"/models",
		{
			schema: {
				operationId: "listModels",
				tags: ["Server"],
				summary: "Models: limits, price, measured speed, and whether they can run now",
				security: security.key,
				response: { 200: json("All of them.", modelList), ...problems("unauthenticated", "forbidden") },
			},
		},
		async () => ({ data: await presentAll() }),
	);

	app.get(
		"/models/:name",
		{
			schema: {
				operationId: "getModel",
				tags: ["Server"],
				summary: "A model: limits, price, measured speed, and whether it can run now",
				security: security.key,
				params: z.object({ name: z.string().max(100) }),
				response: { 200: json("The model.", model), ...problems("unauthenticated", "forbidden", "not_found") },
			},
		},
		async (request) => {
			const found = (await presentAll()).find((entry) => entry.name === request.params.name);
			if (!found) throw new GlassworksError("not_found", "No model of that name is configured.");
			return found;
		},
	);
}
