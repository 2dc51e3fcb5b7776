import type { FastifyInstance } from "fastify";
import type { Caller, Door } from "../../contract/door.ts";
import { GlassworksError } from "../../domain/errors.ts";
import { asText, parseJson } from "../../domain/json.ts";
import { callerOf } from "../common/callerOf.ts";
import { everyWorkflow } from "../common/everyWorkflow.ts";
import { takeForms } from "../common/readForm.ts";
import { absentRoutes } from "./absentRoutes.ts";
import { presentPrediction } from "./answer.ts";
import { fileRoutes } from "./fileRoutes.ts";
import { presentModel } from "./names.ts";
import { presentPage } from "./page.ts";
import { predictionRoutes } from "./predictionRoutes.ts";
import { refuse } from "./refuse.ts";

type ByName = { Params: { owner: string; name: string } };

/** Replicate's API, for its own clients and Vercel's ai. */
export const replicate = {
	prefix: "/replicate/v1",
	refuse,
	webhook: { shape: "replicate", present: presentPrediction },
	async routes(app: FastifyInstance, door: Door): Promise<void> {
		await takeForms(app, door.maxPictureBytes);
		predictionRoutes(app, door);
		fileRoutes(app, door);
		modelRoutes(app, door);
		absentRoutes(app, door);
		app.get("/webhooks/default/secret", { config: { access: "manage", audit: true } }, async (request) => ({
			key: await callerOf(request).webhookSecret(),
		}));
		app.get("/account", async (request) => {
			const { tenantId } = callerOf(request);
			return { type: "organization", username: tenantId, name: tenantId, github_url: null };
		});
	},
};

function modelRoutes(app: FastifyInstance, door: Door): void {
	app.get("/models", async (request) => presentPage(door, "models", await everyModel(door, callerOf(request))));

	app.addContentTypeParser("text/plain", { parseAs: "string" }, (_request, body, done) => done(null, body));
	app.route({
		...{ method: "QUERY", url: "/models" },
		handler: async (request) => {
			const given = String(request.body ?? "");
			// The JavaScript client sends its text as JSON, the Python one as it is.
			const words = (asText(parseJson(given)) ?? given).toLowerCase();
			const found = (await everyModel(door, callerOf(request))).filter(({ name, description }) =>
				`${name} ${description}`.toLowerCase().includes(words),
			);
			return presentPage(door, "models", found);
		},
	});

	app.get<ByName>("/models/:owner/:name", async (request) => {
		const { owner, name } = request.params;
		return presentModel(door, callerOf(request), owner, name);
	});

	app.get<ByName>("/models/:owner/:name/versions", async (request) => {
		const { owner, name } = request.params;
		return presentPage(door, "models", [(await presentModel(door, callerOf(request), owner, name)).latest_version]);
	});

	app.get<ByName & { Params: { version: string } }>("/models/:owner/:name/versions/:version", async (request) => {
		const { owner, name, version } = request.params;
		const { latest_version: latest } = await presentModel(door, callerOf(request), owner, name);
		// A model is known by its name alone too.
		if (version === latest.id || `${version}@1` === latest.id) return latest;
		throw new GlassworksError("not_found", `No version ${version} of ${owner}/${name}; the newest is ${latest.id}.`);
	});
}

async function everyModel(door: Door, caller: Caller) {
	const names = [...door.operator.models.map(({ name }) => name), ...(await everyWorkflow(caller)).map(({ slug }) => slug)];
	const models = [];
	for (const name of names) models.push(await presentModel(door, caller, "glassworks", name));
	return models;
}
