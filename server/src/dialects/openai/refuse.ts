import type { FastifyReply, FastifyRequest } from "fastify";
import { type ErrorCode, GlassworksError } from "../../domain/errors.ts";
import { renameErrors } from "../common/renameErrors.ts";

/** Our fields by the names that OpenAI's clients know. */
const fieldNames = { count: "n", width: "size", height: "size", format: "output_format", quality: "output_compression" };

/** Where OpenAI answers with another status or code than ours. Its clients repeat 409 and 429, so only what may pass by itself has one. */
const answers: Partial<Record<ErrorCode, [status: number, code: string]>> = {
	unauthenticated: [401, "invalid_api_key"],
	unknown_model: [404, "model_not_found"],
	insufficient_credit: [429, "insufficient_quota"],
	rate_limited: [429, "rate_limit_exceeded"],
	idempotency_in_flight: [409, "idempotency_in_flight"],
};

export function refuse(thrown: GlassworksError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
	const { status, error } = present(thrown);
	// What was accepted and failed was tried often enough already; money does not come back by waiting.
	if (thrown.code === "insufficient_credit" || thrown.data.job_id !== undefined) reply.header("x-should-retry", "false");
	return reply
		.code(status)
		.header("x-request-id", request.id)
		.header("x-glassworks-code", thrown.code)
		.type("application/json; charset=utf-8")
		.send(JSON.stringify({ error }));
}

/** What stands under `error`. */
export const errorBody = (thrown: GlassworksError) => present(thrown).error;

function present(thrown: GlassworksError) {
	const error = sayClear(renameErrors(thrown, fieldNames));
	const [status, code] = answers[error.code] ?? [statusOf(error), error.code];
	return { status, error: { message: error.message, type: typeOf(status, code), param: paramOf(error), code } };
}

/** Masks are white elsewhere. */
function sayClear(error: GlassworksError): GlassworksError {
	if (error.code !== "mask_invalid" || error.data.reason !== "empty") return error;
	return new GlassworksError(error.code, "mask: nothing in it is clear: what has an alpha of 0 is drawn anew.", error.data, error.fields);
}

function statusOf({ status }: GlassworksError): number {
	return [402, 405, 409, 410, 422].includes(status) ? 400 : status;
}

function typeOf(status: number, code: string): string {
	if (code === "insufficient_quota") return code;
	return status === 429 ? "rate_limit_error" : status >= 500 ? "server_error" : "invalid_request_error";
}

function paramOf(error: GlassworksError): string | null {
	return error.fields[0]?.path.join(".") || null;
}
