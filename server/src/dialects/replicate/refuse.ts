import type { FastifyReply, FastifyRequest } from "fastify";
import { errorTable, type GlassworksError } from "../../domain/errors.ts";
import { renameErrors } from "../common/renameErrors.ts";

/** Our fields by the names that models at Replicate have. */
const fieldNames = {
	...{
		webhook_url: "webhook",
		count: "num_outputs",
		steps: "num_inference_steps",
		format: "output_format",
		quality: "output_quality",
		strength: "prompt_strength",
	},
};

/** As problem details, which Replicate's clients read too. */
export function refuse(thrown: GlassworksError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
	const error = renameErrors(thrown, fieldNames);
	const [, meaning] = errorTable[error.code];
	const invalid_fields = error.fields.map(({ path, message }) => ({
		type: error.code,
		field: ["input", ...path].join("."),
		description: message,
	}));
	return reply.type("application/problem+json; charset=utf-8").send(
		JSON.stringify({
			...{ type: `about:blank#${error.code}`, title: meaning, status: error.status, detail: error.message, code: error.code },
			...{ instance: `urn:request:${request.id}`, ...(invalid_fields.length > 0 ? { invalid_fields } : {}) },
		}),
	);
}
