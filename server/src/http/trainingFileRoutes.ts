import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { GlassworksError } from "../domain/errors.ts";
import { mediaTypes } from "../domain/ports.ts";
import { type DeliveryHandler, deliverPicture, deliveryAnswers, deliveryRoutes, fileType } from "./deliver.ts";
import { signedQuery, tenantOf } from "./imageRoutes.ts";
import type { App, HttpPorts } from "./ports.ts";
import { security } from "./responses.ts";
import { trainingParams } from "./trainingRoutes.ts";

const common = { tags: ["Trainings"], security: security.signed, querystring: signedQuery };
const description = "With a key, or without one through the signed link in a training. Takes ranges, ETag and HEAD.";
const sampleParams = trainingParams.extend({ n: z.coerce.number().int().min(0).max(99).describe("Which sample; 0 is the latest.") });

/** What came of a training, as bytes. */
export function trainingFileRoutes(app: App, ports: HttpPorts): void {
	const sendFile = async (request: FastifyRequest<{ Params: { id: string } }>, reply: FastifyReply) => {
		const tenantId = tenantOf(ports, request);
		const { file, name } = await ports.trainings.get(tenantId, request.params.id);
		if (!file) throw new GlassworksError("not_found", "The training has no LoRA, or not yet.");
		return deliverPicture(request, reply, ports.blobs, { tenantId, picture: file, name });
	};
	const fileSchema = { ...common, operationId: "getTrainingFile", summary: "The LoRA", description, params: trainingParams };
	deliveryRoutes(
		app,
		"/trainings/:id/file",
		{ ...fileSchema, response: deliveryAnswers("The file", [fileType], "job_deleted", "invalid_request") },
		sendFile as DeliveryHandler,
	);

	const sendSample = async (request: FastifyRequest<{ Params: { id: string; n: number } }>, reply: FastifyReply) => {
		const tenantId = tenantOf(ports, request);
		const { id, n } = request.params;
		const { job, name } = await ports.trainings.get(tenantId, id);
		const picture = job.runs[0]?.tasks[0]?.outputs[`sample_${n}`];
		if (!picture) throw new GlassworksError("not_found", `The training has no sample ${n}.`);
		const byLink = request.principal === null;
		return deliverPicture(request, reply, ports.blobs, { tenantId, picture, name: `${name}-${n}`, byLink });
	};
	const sampleSchema = { ...common, operationId: "getTrainingSample", summary: "A sample's bytes", description, params: sampleParams };
	deliveryRoutes(
		app,
		"/trainings/:id/samples/:n",
		{ ...sampleSchema, response: deliveryAnswers("The picture", mediaTypes, "job_deleted", "invalid_request") },
		sendSample as DeliveryHandler,
	);
}
