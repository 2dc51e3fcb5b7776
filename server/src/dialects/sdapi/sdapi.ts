import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Asked, Caller, Door } from "../../contract/door.ts";
import type { JobBody } from "../../contract/job.ts";
import { GlassworksError } from "../../domain/errors.ts";
import { asArray, asObject, asText } from "../../domain/json.ts";
import { callerOf, onceOf } from "../common/callerOf.ts";
import { glassworksHeaders } from "../common/describeJob.ts";
import { readPicture, wrong } from "../common/readPicture.ts";
import { resolveName } from "../common/resolveName.ts";
import { awaitJob, hasEnded, hungUp } from "../common/watchJob.ts";
import { drawAnswer, picturesOf, progressAnswer } from "./answer.ts";
import { listRoutes } from "./listRoutes.ts";
import { modelOf } from "./names.ts";
import { pngText } from "./pngText.ts";
import { createPreviews } from "./previews.ts";
import { askForPictures, readDraw } from "./readRequest.ts";

const submits = { config: { access: "generate" as const, rate: "submit" as const } };
const generates = { config: { access: "generate" as const } };
/** What callers chose last; like A1111's own, it is lost when the server starts again. */
const maxChoices = 10_000;

/** The API of AUTOMATIC1111's web UI. Its clients know nothing but Basic: the key is the password. */
export const sdapi = {
	prefix: "/sdapi/v1",
	refuse(error: GlassworksError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
		const errors = error.fields.map(({ path, message }) => ({ loc: path, msg: message }));
		if (error.code === "unauthenticated") reply.header("www-authenticate", 'Basic realm="glassworks"');
		const body = { error: error.code, detail: error.message, body: "", errors, request_id: request.id };
		return reply.type("application/json; charset=utf-8").send(JSON.stringify(body));
	},
	routes(app: FastifyInstance, door: Door): void {
		const chosen = new Map<string, string>();
		drawRoutes(app, door, chosen);
		stateRoutes(app, door, chosen);
		extraRoutes(app, door);
		listRoutes(app, door);
	},
};

async function finish(caller: Caller, asked: Asked, request: FastifyRequest, reply: FastifyReply): Promise<JobBody> {
	const once = onceOf(request, request.body);
	const signal = hungUp(reply);
	const job = await awaitJob(caller, await caller.accept(asked, once), { signal, cancels: once === null });
	reply.headers(glassworksHeaders(job));
	return job;
}

function drawRoutes(app: FastifyInstance, door: Door, chosen: Map<string, string>): void {
	for (const [path, starts] of [
		["/txt2img", false],
		["/img2img", true],
	] as const)
		app.post(path, submits, async (request, reply) => {
			const caller = callerOf(request);
			const body = readDraw(request.body);
			const asked = await askForPictures(door, caller, body, { checkpoint: chosen.get(caller.tenantId) ?? null, starts });
			const job = await finish(caller, asked, request, reply);
			// Pictures that were sent are not sent back.
			return drawAnswer(caller, job, { ...body, init_images: null, mask: null });
		});
}

/** The caller's newest job that has not ended. */
async function currentJob(caller: Caller): Promise<JobBody | undefined> {
	const { data } = await caller.jobs({ limit: 20, before: null });
	return data.find((job) => !hasEnded(job));
}

function stateRoutes(app: FastifyInstance, door: Door, chosen: Map<string, string>): void {
	const previewOf = createPreviews();
	app.get<{ Querystring: { skip_current_image?: string } }>("/progress", async (request) => {
		const caller = callerOf(request);
		const job = await currentJob(caller);
		const picture = job && request.query.skip_current_image !== "true" ? previewOf(caller, job.id) : null;
		return progressAnswer(job, picture);
	});
	for (const path of ["/interrupt", "/skip"])
		app.post(path, generates, async (request) => {
			const caller = callerOf(request);
			const job = await currentJob(caller);
			if (job) await caller.cancel(job.id).catch(() => {});
			return {};
		});
	app.get("/options", async (request) => ({
		sd_model_checkpoint: chosen.get(callerOf(request).tenantId) ?? door.operator.defaultModel,
		samples_format: "png",
	}));
	app.post("/options", generates, async (request, reply) => {
		const caller = callerOf(request);
		const name = modelOf(door, asObject(request.body).sd_model_checkpoint);
		if (name !== null) {
			await resolveName(door, caller, name, "sd_model_checkpoint");
			if (chosen.size >= maxChoices) chosen.clear();
			chosen.set(caller.tenantId, name);
		}
		return reply.type("application/json").send("null");
	});
}

function extraRoutes(app: FastifyInstance, door: Door): void {
	const enlarge = async (request: FastifyRequest, reply: FastifyReply, given: unknown, field: string): Promise<string> => {
		const caller = callerOf(request);
		const image = await readPicture(door, caller, given, field, { bare: true });
		const inputs = { image, content: /anime|drawing/i.test(asText(asObject(request.body).upscaler_1) ?? "") ? "drawing" : "photo" };
		const job = await finish(caller, { kind: "run", workflow: "upscale", body: { inputs } }, request, reply);
		return (await picturesOf(caller, job))[0] ?? "";
	};
	app.post("/extra-single-image", submits, async (request, reply) => ({
		html_info: "<p>Enlarged four times.</p>",
		image: await enlarge(request, reply, asObject(request.body).image, "image"),
	}));
	app.post("/extra-batch-images", submits, async (request, reply) => {
		const images = [];
		for (const [at, each] of asArray(asObject(request.body).imageList).entries())
			images.push(await enlarge(request, reply, asObject(each).data, `imageList.${at}.data`));
		return { html_info: "<p>Enlarged four times.</p>", images };
	});
	app.post("/png-info", async (request) => {
		const image = asText(asObject(request.body).image);
		if (!image) throw wrong("image", "is required: a PNG as base64");
		const items = pngText(Buffer.from(image.replace(/^data:[^,]*,/, ""), "base64"));
		return { info: items.parameters ?? items.glassworks ?? "", items, parameters: {} };
	});
	app.post("/interrogate", generates, async () => {
		throw new GlassworksError("unsupported_by_model", "No model here describes pictures.");
	});
}
