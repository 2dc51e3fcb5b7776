import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { RequestValidationError } from "fastify-zod-openapi";
import type { z } from "zod";
import type { problem } from "../contract/common.ts";
import { type ErrorCode, GlassworksError } from "../domain/errors.ts";
import { fieldErrors, summary } from "./fieldErrors.ts";

export type Problem = z.infer<typeof problem>;

/** Answers with problem details (RFC 9457). Seconds to wait, where `data.retry_after_s` says so, also go into Retry-After. */
export function sendProblem(reply: FastifyReply, error: GlassworksError, publicUrl: string): FastifyReply {
	const { retry_after_s: wait } = error.data;
	if (typeof wait === "number") reply.header("retry-after", String(wait));
	if (error.code === "unauthenticated") reply.header("www-authenticate", 'Bearer realm="glassworks"');
	return reply
		.code(error.status)
		.removeHeader("content-disposition")
		.removeHeader("etag")
		.removeHeader("content-length")
		.header("cache-control", "no-store")
		.header("x-request-id", reply.request.id)
		.type("application/problem+json; charset=utf-8")
		.send(JSON.stringify(presentProblem(error, reply.request.id, publicUrl)));
}

export function presentProblem(error: GlassworksError, requestId: string, publicUrl: string): Problem {
	return {
		...error.data,
		type: `${publicUrl}/docs/errors#${error.code}`,
		title: titleOf(error.code),
		status: error.status,
		code: error.code,
		detail: error.message,
		errors: error.fields.map(({ path, message }) => ({ path, message })),
		request_id: requestId,
	};
}

/** `size_over_plan` becomes "Size over plan". */
export function titleOf(code: ErrorCode): string {
	const words = code.replaceAll("_", " ");
	return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Whatever was thrown, as an error whose message may reach the caller. What we did not foresee becomes `internal` and is logged. */
export function toGlassworksError(error: unknown, request: FastifyRequest): GlassworksError {
	if (error instanceof GlassworksError) return error;
	const known = isFastifyError(error) ? fromFastify(error, request) : null;
	if (known) return known;
	request.log.error({ err: errorForLog(error) }, "request failed");
	return new GlassworksError("internal", "Something went wrong on our side. The request id finds it in the log.");
}

/** Without the fields that databases add: they quote rows, and so prompts. */
export function errorForLog(error: unknown): object {
	if (!(error instanceof Error)) return { message: "something that is no error was thrown" };
	const { name, message, stack, cause } = error;
	return {
		type: name,
		message,
		stack,
		...(cause instanceof Error ? { cause: cause.message } : {}),
		...("code" in error ? { code: error.code } : {}),
	};
}

function isFastifyError(error: unknown): error is FastifyError {
	return error instanceof Error && ("code" in error || "validation" in error || "statusCode" in error);
}

function fromFastify(error: FastifyError, request: FastifyRequest): GlassworksError | null {
	if (error.validation) return fromValidation(error, request);
	switch (error.code) {
		case "FST_ERR_CTP_INVALID_JSON_BODY":
			return new GlassworksError("malformed_body", "The body is not valid JSON.");
		case "FST_ERR_ROUTE_MISSING_CONTENT_TYPE":
			return new GlassworksError("unsupported_media_type", "A body needs a Content-Type.");
		case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
			return new GlassworksError("malformed_body", "The body's length is not what Content-Length says.");
		case "FST_MP_PREMATURE_CLOSE":
		case "FST_PROTO_VIOLATION":
			return new GlassworksError("malformed_body", "The multipart body could not be read.");
		case "FST_ERR_CTP_BODY_TOO_LARGE":
		case "FST_REQ_FILE_TOO_LARGE": {
			const max = request.routeOptions.bodyLimit ?? 0;
			return new GlassworksError("body_too_large", `The body is larger than this route takes (${max} bytes).`, { max });
		}
		case "FST_PARTS_LIMIT":
		case "FST_FILES_LIMIT":
		case "FST_FIELDS_LIMIT":
			return new GlassworksError("malformed_body", "The multipart body has more parts than this route takes.");
		case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
		case "FST_INVALID_MULTIPART_CONTENT_TYPE":
			return new GlassworksError(
				"unsupported_media_type",
				`This route does not take ${request.headers["content-type"] ?? "a body without Content-Type"}.`,
			);
		case "FST_ERR_BAD_URL":
		case "FST_ERR_MAX_PARAM_LENGTH":
			return new GlassworksError("not_found", "The address is not valid.");
		default:
			return null;
	}
}

function fromValidation(error: FastifyError, request: FastifyRequest): GlassworksError {
	// An id that cannot exist names nothing: the same answer as an id that does not.
	if (error.validationContext === "params") return new GlassworksError("not_found", "Nothing here by that name.");
	if (error.validationContext === "body" && (request.body === undefined || request.body === null))
		return new GlassworksError("malformed_body", "This route needs a JSON body.");
	const issues = (error.validation ?? []).filter((entry) => entry instanceof RequestValidationError).map((entry) => entry.params.issue);
	const fields = fieldErrors(issues);
	return new GlassworksError("invalid_request", summary(fields), {}, fields);
}
