import type { FastifyInstance } from "fastify";
import type { Door } from "../../contract/door.ts";
import { callerOf } from "../common/callerOf.ts";
import { everyWorkflow } from "../common/everyWorkflow.ts";
import { modelEntry, samplers, schedulers } from "./names.ts";

/** What there is. Clients ask for all of it; what this platform does not have is empty. */
export function listRoutes(app: FastifyInstance, door: Door): void {
	const { operator } = door;
	app.get("/sd-models", async (request) => {
		const workflows = await everyWorkflow(callerOf(request));
		return [...operator.models, ...workflows.map(({ slug }) => ({ name: slug }))].map(modelEntry);
	});
	const upscalers = Object.values(operator.upscaleModels).map((name) => ({
		name,
		model_name: name,
		model_path: null,
		model_url: null,
		scale: 4,
	}));
	const lists: Record<string, unknown> = {
		samplers: Object.entries(samplers).map(([name, own]) => ({ name, aliases: [own], options: {} })),
		schedulers: schedulers.map((name) => ({ name, label: name, aliases: null, default_rho: -1, need_inner_model: false })),
		upscalers,
		"realesrgan-models": upscalers.map(({ name }) => ({ name, path: null, scale: 4 })),
		"latent-upscale-modes": [],
		loras: operator.loras.map(({ name }) => ({ name, alias: name, path: name, metadata: {} })),
		"face-restorers": ["GFPGAN", "CodeFormer"].map((name) => ({ name, cmd_dir: null })),
		embeddings: { loaded: {}, skipped: {} },
		scripts: { txt2img: [], img2img: [] },
		"script-info": [],
		memory: { ram: {}, cuda: {} },
		"cmd-flags": {},
		...{ hypernetworks: [], "prompt-styles": [], "sd-vae": [], "sd-modules": [] },
	};
	for (const [name, list] of Object.entries(lists)) app.get(`/${name}`, async () => list);
	for (const name of ["refresh-checkpoints", "refresh-loras", "refresh-vae"])
		app.post(`/${name}`, async (_request, reply) => reply.type("application/json").send("null"));
}
