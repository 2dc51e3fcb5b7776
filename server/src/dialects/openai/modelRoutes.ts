import type { FastifyInstance } from "fastify";
import type { Door } from "../../contract/door.ts";
import { callerOf } from "../common/callerOf.ts";
import { everyWorkflow } from "../common/everyWorkflow.ts";
import { resolveName } from "../common/resolveName.ts";

const entry = (id: string) => ({ id, object: "model", created: 0, owned_by: "glassworks" });

/** Models, what the operator calls them for other worlds, and workflows: all of them can be asked for by name. */
export function modelRoutes(app: FastifyInstance, door: Door): void {
	app.get("/models", async (request) => {
		const { models, dialects } = door.operator;
		const workflows = await everyWorkflow(callerOf(request));
		const names = [...models.map(({ name }) => name), ...Object.keys(dialects.models), ...workflows.map(({ slug }) => slug)];
		return { object: "list", data: [...new Set(names)].map(entry) };
	});

	app.get<{ Params: { "*": string } }>("/models/*", async (request) => {
		const name = request.params["*"];
		await resolveName(door, callerOf(request), name, "model");
		return entry(name);
	});
}
