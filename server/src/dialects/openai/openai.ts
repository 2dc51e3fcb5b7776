import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Asked, Caller, Door } from "../../contract/door.ts";
import { askFor } from "../common/askFor.ts";
import { callerOf, onceOf } from "../common/callerOf.ts";
import { glassworksHeaders } from "../common/describeJob.ts";
import { takeForms } from "../common/readForm.ts";
import { resolveName, type Target } from "../common/resolveName.ts";
import { sendEvents } from "../common/sendEvents.ts";
import { awaitJob, hungUp } from "../common/watchJob.ts";
import { imagesAnswer, streamAnswer } from "./answer.ts";
import { askForEdit } from "./askForEdit.ts";
import { modelRoutes } from "./modelRoutes.ts";
import { editRequest, generationRequest, type ImagesRequest, parse, valuesOf, variationRequest } from "./readRequest.ts";
import { readSources } from "./readSources.ts";
import { refuse } from "./refuse.ts";

const generates = { config: { access: "generate" as const, rate: "submit" as const } };
/** An operation that gives no prompt still has to say something to models that draw by words. */
const variationPrompt = "a variation of the picture";

/** OpenAI's Images API, for its own clients and Vercel's ai. */
export const openai = {
	prefix: "/openai/v1",
	refuse,
	async routes(app: FastifyInstance, door: Door): Promise<void> {
		await takeForms(app, door.maxPictureBytes);
		modelRoutes(app, door);

		app.post("/images/generations", generates, async (request, reply) => {
			const body = parse(generationRequest, request.body);
			const caller = callerOf(request);
			const target = await targetOf(door, caller, body);
			return answer({ caller, request, reply }, { ...body, kind: "image_generation" }, askFor(target, valuesOf(body)), body);
		});

		app.post("/images/edits", generates, async (request, reply) => {
			const caller = callerOf(request);
			const { fields, image, mask } = await readSources(door, caller, request);
			const body = parse(editRequest, fields);
			const target = await targetOf(door, caller, body);
			return answer({ caller, request, reply }, { ...body, kind: "image_edit" }, askForEdit(target, body, image, mask), body);
		});

		app.post("/images/variations", generates, async (request, reply) => {
			const caller = callerOf(request);
			const { fields, image } = await readSources(door, caller, request);
			const body = { ...parse(variationRequest, fields), prompt: String(fields.prompt ?? variationPrompt) };
			const target = await targetOf(door, caller, body);
			const values = { image: { asset_id: image.id }, strength: 0.5, ...valuesOf(body) };
			return answer({ caller, request, reply }, { ...body, kind: "image_edit" }, askFor(target, values), body);
		});
	},
};

function targetOf(door: Door, caller: Caller, { model }: ImagesRequest): Promise<Target> {
	return resolveName(door, caller, model ?? door.operator.defaultModel, "model");
}

async function answer(
	{ caller, request, reply }: { caller: Caller; request: FastifyRequest; reply: FastifyReply },
	body: ImagesRequest & { kind: "image_generation" | "image_edit" },
	asked: Asked,
	content: unknown,
): Promise<FastifyReply> {
	const once = onceOf(request, content);
	const signal = hungUp(reply);
	const job = await caller.accept(asked, once);
	const options = { signal, cancels: once === null };
	if (body.stream) return sendEvents(reply.headers(glassworksHeaders(job)), streamAnswer(caller, job, body, options));
	const place = glassworksHeaders(job);
	const ended = await awaitJob(caller, job, options);
	reply.headers({ ...place, ...glassworksHeaders(ended) });
	return reply.send(await imagesAnswer(caller, ended, body));
}
