import { z } from "zod";
import { GlassworksError } from "../../domain/errors.ts";
import type { Log } from "../../domain/ports.ts";
import { isPoisoned, refusalError } from "./failure.ts";
import { tinyPicture } from "./pictures.ts";
import { modelInfo, type ServerConfig, serverConfig } from "./serverConfig.ts";
import { type Answer, readAnswer, type Wire } from "./wire.ts";

/** What may be asked of IOPaint, in the order that keeps it sane. All but the reads need the turn. */
export interface Server {
	readConfig(): Promise<ServerConfig>;
	/** IOPaint's name of the model it holds; null: it has lost it. */
	readModel(): Promise<string | null>;
	/** Loads a model that `config` lists. @throws {GlassworksError} model_missing, out_of_memory, ... */
	load(model: string, config: ServerConfig): Promise<void>;
	/** POST /api/v1/inpaint with the model that was loaded. A server that lost it meanwhile is given it again, once. */
	inpaint(model: string, body: object, config: ServerConfig): Promise<Extract<Answer, { ok: true }>>;
	/** POST /api/v1/run_plugin_gen_image. */
	runPlugin(body: { name: string; image: string; scale?: number }): Promise<Extract<Answer, { ok: true }>>;
	/** Makes IOPaint forget that PowerPaint was asked for: after a failure it takes the next such request for one already served. */
	forgetPowerPaint(): Promise<void>;
}

export function openServer(wire: Wire, log: Log): Server {
	const post = async (path: string, body: object, asked: string) => {
		const answer = await wire.post(path, body);
		if (answer.ok) return answer;
		throw refusalError(answer.refusal, asked);
	};

	async function readModel(): Promise<string | null> {
		const answer = await wire.look("/api/v1/model");
		if (!answer.ok && isPoisoned(answer.refusal)) return null;
		return readAnswer(modelInfo, answer, "its model").name;
	}

	async function select(model: string): Promise<void> {
		const answer = await wire.post("/api/v1/model", { name: model });
		const { name } = readAnswer(z.object({ name: z.string() }), answer, "the model");
		if (name !== model) throw new GlassworksError("engine_down", "IOPaint did not take the model it was given.");
	}

	async function load(model: string, config: ServerConfig): Promise<void> {
		// A name it does not have would leave it answering every request with an error.
		if (!config.modelInfos.some(({ name }) => name === model)) {
			throw new GlassworksError("model_missing", "IOPaint does not have the model.");
		}
		const current = await readModel();
		if (current === model) return;
		if (current === null) log.warn({ model }, "iopaint had lost its model; it is given one again");
		await select(model);
	}

	/** Loads a model anew, also where IOPaint believes to have it: it does nothing when asked for the one it names. */
	async function reload(model: string, config: ServerConfig): Promise<void> {
		const other = config.modelInfos.find(({ name }) => name !== model);
		if (other) await wire.post("/api/v1/model", { name: other.name });
		await select(model);
	}

	return {
		readConfig: async () => readAnswer(serverConfig, await wire.look("/api/v1/server-config"), "its configuration"),
		readModel,
		load,
		async inpaint(model, body, config) {
			const answer = await wire.post("/api/v1/inpaint", body);
			if (answer.ok) return answer;
			if (!isPoisoned(answer.refusal)) throw refusalError(answer.refusal, "the model");
			log.warn({ model }, "iopaint lost its model; it is loaded anew");
			await reload(model, config);
			return post("/api/v1/inpaint", body, "the model");
		},
		runPlugin: (body) => post("/api/v1/run_plugin_gen_image", body, `the plugin ${body.name}`),
		async forgetPowerPaint() {
			const picture = await tinyPicture();
			const body = { image: picture, mask: picture, sd_steps: 1, sd_sampler: "DDIM", enable_powerpaint_v2: false };
			await post("/api/v1/inpaint", body, "the model");
		},
	};
}
