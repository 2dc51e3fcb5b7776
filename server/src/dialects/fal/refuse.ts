import type { FastifyReply, FastifyRequest } from "fastify";
import type { GlassworksError } from "../../domain/errors.ts";
import { renameErrors } from "../common/renameErrors.ts";

/** Our fields by the names that models at fal have. */
const fieldNames = {
	...{ count: "num_images", width: "image_size", height: "image_size", steps: "num_inference_steps", guidance: "guidance_scale" },
	...{ format: "output_format", webhook_url: "fal_webhook", image: "image_url", mask: "mask_url" },
};

/** As FastAPI refuses, with `message` for clients that read only that. */
export function refuse(thrown: GlassworksError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
	const error = renameErrors(thrown, fieldNames);
	// Indexes as text: Vercel's client takes nothing else.
	const details = error.fields.map(({ path, message }) => ({ loc: ["body", ...path.map(String)], msg: message, type: error.code }));
	const detail = details.length > 0 ? details : error.message;
	return reply
		.code(statusOf(thrown))
		.header("x-fal-request-id", typeof thrown.data.job_id === "string" ? thrown.data.job_id : request.id)
		.header("x-fal-error-type", error.code)
		.type("application/json; charset=utf-8")
		.send(JSON.stringify({ detail, message: error.message, error_type: error.code, request_id: request.id }));
}

/** Clients repeat 409 (Python, for a minute), 429, 502, 503 and 504: only what may pass by itself has one of them. */
function statusOf({ status, data }: GlassworksError): number {
	if (status === 409) return 400;
	return data.job_id !== undefined && status > 500 ? 500 : status;
}
