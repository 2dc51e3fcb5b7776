import type { FastifyZodOpenApiSchema } from "fastify-zod-openapi";
import type { z } from "zod";
import { createEdit, editQuote } from "../contract/edit.ts";
import { job } from "../contract/job.ts";
import { type EditPorts, type PreparedEdit, prepareEdit } from "../domain/edits/prepareEdit.ts";
import type { ErrorCode } from "../domain/errors.ts";
import { foreseeRequest, type SubmitPorts, submitJob } from "../domain/jobs/submitJob.ts";
import { principalOf } from "./authenticate.ts";
import { acceptJob, generationRefusals, repeatable } from "./generationRoutes.ts";
import type { App, HttpPorts } from "./ports.ts";
import { presentForetold } from "./presentForetold.ts";
import { readEdit } from "./readEdit.ts";
import { mailingResults } from "./readResultMail.ts";
import { readRequestWebhook } from "./readWebhook.ts";
import { json, problems, security } from "./responses.ts";

const refusals = [...generationRefusals, "edit_unavailable", "mask_invalid"] as const satisfies ErrorCode[];
const common = { tags: ["Edits"], security: security.key, body: createEdit };

const createSchema = {
	...common,
	operationId: "createEdit",
	summary: "Change part of a picture",
	description:
		"Removes, fills, replaces, inserts or outpaints with the best model at hand. Outside the feathered mask the result (png) equals the picture to the bit. Accepts a job and answers at once; safe to repeat with an `Idempotency-Key`.",
	headers: repeatable,
	response: {
		202: json("Accepted. `Location` is the job's address.", job),
		...problems(...refusals, "overloaded", "insufficient_credit", "idempotency_key_reused", "idempotency_in_flight"),
	},
} satisfies FastifyZodOpenApiSchema;

const quoteSchema = {
	...common,
	operationId: "quoteEdit",
	summary: "The price, place and time of an edit before, and what would do it",
	description:
		"What an edit with exactly this body would cost, which model would do it, which steps it would skip, where in line it would stand and when it would be done; or why nothing at hand can. Accepts and charges nothing.",
	response: { 200: json("The price.", editQuote), ...problems(...refusals) },
} satisfies FastifyZodOpenApiSchema;

/** What editing needs of the ports, for every route that edits. */
export function editPortsOf(ports: HttpPorts): EditPorts & SubmitPorts {
	const { limits, liveForMs } = ports.config;
	const dedicatedPools = (tenantId: string) => ports.steering.dedicatedPools(tenantId);
	const pictureLimits = { maxBytes: limits.maxPictureBytes, maxPixels: limits.maxPicturePixels };
	return { ...ports, config: ports.operator, liveForMs, dedicatedPools, pictureLimits };
}

export function editRoutes(app: App, ports: HttpPorts): void {
	const editPorts = editPortsOf(ports);

	app.post("/edits", { config: { access: "generate", rate: "submit" }, schema: createSchema }, (request, reply) =>
		acceptJob(ports, request, reply, {
			submit: async (principal, key) => {
				const asked = await readEdit(ports, principal.tenantId, request.body);
				const webhook = await readRequestWebhook(ports, request.body);
				const submitPorts = await mailingResults(editPorts, ports, principal, request.body);
				return submitJob(submitPorts, principal, await prepareEdit(editPorts, principal, asked), key, webhook);
			},
		}),
	);

	app.post("/edits/quotes", { config: { access: "generate" }, schema: quoteSchema }, async (request) => {
		const principal = principalOf(request);
		await readRequestWebhook(ports, request.body);
		const mailing = await mailingResults(editPorts, ports, principal, request.body);
		const prepared = await prepareEdit(editPorts, principal, await readEdit(ports, principal.tenantId, request.body));
		const foreseen = await foreseeRequest({ ...mailing, jobs: ports.jobs }, principal, prepared);
		return { ...presentForetold(foreseen), ...presentPlan(prepared) };
	});
}

function presentPlan({ edit, window, paint }: PreparedEdit): Pick<z.infer<typeof editQuote>, "model" | "window"> {
	const { left, top, widthPx, heightPx } = window;
	const painted = { painted_width: paint.widthPx, painted_height: paint.heightPx };
	return { model: String(edit.model), window: { ...{ left, top, width: widthPx, height: heightPx }, ...painted } };
}
