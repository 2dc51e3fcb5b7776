import type { FastifyInstance } from "fastify";
import type { Door } from "../../contract/door.ts";
import { GlassworksError } from "../../domain/errors.ts";
import { callerOf } from "../common/callerOf.ts";
import { presentModel } from "./names.ts";
import { presentPage } from "./page.ts";

const byOperator = "Models and the machines they run on are the operator's: they stand in the server's configuration.";
const noTraining = "Trainings are not asked for through this API. POST /api/v1/trainings trains LoRAs.";
/** What clients can ask for and there is nothing of here, with why. */
const refused = [
	["POST", "/models", byOperator],
	["POST", "/deployments", byOperator],
	["PATCH", "/deployments/:owner/:name", byOperator],
	["DELETE", "/deployments/:owner/:name", byOperator],
	["GET", "/collections/:slug", "There are no collections here. GET /models lists every model."],
	["POST", "/models/:owner/:name/versions/:version/trainings", noTraining],
	["GET", "/trainings/:id", noTraining],
	["POST", "/trainings/:id/cancel", noTraining],
] as const;

/** Of Replicate's API what has little or no meaning here: its lists are empty, the rest is refused with why. */
export function absentRoutes(app: FastifyInstance, door: Door): void {
	app.get("/hardware", async () => []);
	for (const path of ["collections", "deployments", "trainings"]) app.get(`/${path}`, async () => presentPage(door, path, []));
	for (const [method, url, why] of refused)
		app.route({
			...{ method, url, config: { access: method === "GET" ? ("read" as const) : ("generate" as const) } },
			handler: async () => {
				throw new GlassworksError("not_found", why);
			},
		});

	// Every model is one: what asks for a deployment first can go on.
	app.get<{ Params: { owner: string; name: string } }>("/deployments/:owner/:name", async (request) => {
		const { owner, name } = request.params;
		const { id, created_at } = (await presentModel(door, callerOf(request), owner, name)).latest_version;
		const configuration = { hardware: "", min_instances: 0, max_instances: 0 };
		const release = { number: 1, model: `${owner}/${name}`, version: id, created_at, created_by: null, configuration };
		return { owner, name, current_release: release };
	});
}
