import type { FastifyZodOpenApiSchema } from "fastify-zod-openapi";
import { z } from "zod";
import { addEngine, addedEngine, engineList, type engineReport, type engine as engineSchema, testedEngine } from "../contract/engine.ts";
import type { EngineRecord, EngineReport } from "../domain/engines/engineStore.ts";
import { GlassworksError } from "../domain/errors.ts";
import { resourceId } from "./jobRoutes.ts";
import type { App, HttpPorts } from "./ports.ts";
import { json, problems, security } from "./responses.ts";

const access = { access: "operate" as const };
const common = { tags: ["Operator"], security: security.key };
const params = z.object({ id: resourceId });
/** Loading a large model for the first time takes minutes; clients commonly give up on an answer after five. */
const trialMs = 4.5 * 60_000;

const addSchema = {
	...common,
	operationId: "addEngine",
	summary: "Let this server drive an engine: ComfyUI, IOPaint or the diffusers sidecar",
	description: "Asks the engine what it is and can do before it is kept. Its steps are taken up within seconds.",
	body: addEngine,
	response: {
		201: json("Kept, and what it said.", addedEngine),
		...problems("unauthenticated", "forbidden", "invalid_request", "malformed_body", "engine_down", "engine_invalid", "engine_exists"),
	},
} satisfies FastifyZodOpenApiSchema;
const listSchema = {
	...common,
	operationId: "listEngines",
	summary: "Engines that this server drives",
	response: { 200: json("All of them.", engineList), ...problems("unauthenticated", "forbidden") },
} satisfies FastifyZodOpenApiSchema;
const testSchema = {
	...common,
	operationId: "testEngine",
	summary: "Ask an engine how it is and have it make one small picture",
	description: "The picture is made past the queue and thrown away. Takes as long as the engine does.",
	params,
	response: {
		200: json("It works.", testedEngine),
		...problems(
			"unauthenticated",
			"forbidden",
			"not_found",
			"engine_down",
			"engine_invalid",
			"model_missing",
			"out_of_memory",
			"timeout",
			"internal",
		),
	},
} satisfies FastifyZodOpenApiSchema;
const removeSchema = {
	...common,
	operationId: "removeEngine",
	summary: "Stop driving an engine; what it runs may finish",
	params,
	response: { 204: { description: "No longer driven." }, ...problems("unauthenticated", "forbidden", "not_found") },
} satisfies FastifyZodOpenApiSchema;

/** The engines an operator has this server drive. */
export function engineRoutes(app: App, { engines, engineDesk, newId }: HttpPorts): void {
	app.post("/engines", { config: access, schema: addSchema }, async (request, reply) => {
		const { headers, kind = null } = request.body;
		const { controlnets: controlNets, silent_ms: silentMs, max_run_ms: maxRunMs } = request.body.settings;
		const settings = { controlNets, silentMs, maxRunMs };
		const url = request.body.url.replace(/\/+$/, "");
		const report = await engineDesk.probe({ url, headers, settings, kind }).catch(blameUrl);
		const name = request.body.name ?? `${report.kind} ${new URL(url).host}`;
		const engine = await engines.add({ id: newId("eng"), kind: report.kind, name, url, headers, settings });
		return reply.code(201).send({ engine: presentEngine(engine), report: presentReport(report) });
	});
	app.get("/engines", { config: access, schema: listSchema }, async () => ({ data: (await engines.list()).map(presentEngine) }));
	app.post("/engines/:id/test", { config: access, schema: testSchema }, async (request) => {
		const engine = await engines.get(request.params.id);
		const report = await engineDesk.probe(engine);
		const trial = await engineDesk.tryOut(engine, trialMs);
		return {
			engine: presentEngine(engine),
			report: presentReport(report),
			trial: trial && { capability: trial.capability, ms: trial.ms, width: trial.widthPx, height: trial.heightPx },
		};
	});
	app.delete("/engines/:id", { config: access, schema: removeSchema }, async (request, reply) => {
		await engines.remove(request.params.id);
		return reply.code(204).send();
	});
}

/** Whatever the engine answered wrongly, the address is the field that led there. */
function blameUrl(error: unknown): never {
	if (!(error instanceof GlassworksError) || error.fields.length > 0) throw error;
	throw new GlassworksError(error.code, error.message, error.data, [{ path: ["url"], message: error.message }]);
}

function presentEngine({ id, kind, name, url, headers, settings, createdAt }: EngineRecord): z.infer<typeof engineSchema> {
	const { controlNets: controlnets, silentMs: silent_ms, maxRunMs: max_run_ms } = settings;
	return {
		id,
		kind,
		name,
		url,
		headers: Object.keys(headers),
		settings: { controlnets, silent_ms, max_run_ms },
		created_at: createdAt.toISOString(),
	};
}

function presentReport({ status, capabilities }: EngineReport): z.infer<typeof engineReport> {
	return {
		version: status.version,
		device: status.device,
		vram_total_bytes: status.vramTotalBytes,
		vram_free_bytes: status.vramFreeBytes,
		queued: status.queued,
		loaded_model: status.loadedModel,
		capabilities,
		missing: status.missing,
	};
}
