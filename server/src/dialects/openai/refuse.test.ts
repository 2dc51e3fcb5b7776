import type { FastifyReply, FastifyRequest } from "fastify";
import { expect, test } from "vitest";
import { type ErrorCode, errorTable, GlassworksError } from "../../domain/errors.ts";
import { refuse } from "./refuse.ts";

/** What is answered to an error. */
function answerTo(code: ErrorCode): { status: number; error: Record<string, unknown> } {
	let status = 0;
	let error = {};
	const reply = {
		code(given: number) {
			status = given;
			return reply;
		},
		header: () => reply,
		type: () => reply,
		send(body: string) {
			({ error } = JSON.parse(body));
			return reply;
		},
	};
	refuse(new GlassworksError(code, "why"), { id: "1" } as FastifyRequest, reply as unknown as FastifyReply);
	return { status, error };
}

test("no conflict of business is a 409, which OpenAI's clients try again; only a request whose twin is still being read is", () => {
	for (const code of Object.keys(errorTable) as ErrorCode[]) {
		const { status, error } = answerTo(code);
		expect(error, code).toMatchObject({ message: "why", type: expect.any(String), code: expect.any(String) });
		expect([code, status === 409]).toEqual([code, code === "idempotency_in_flight"]);
		expect([code, [400, 401, 403, 404, 409, 413, 415, 416, 429, 500, 503, 504].includes(status)]).toEqual([code, true]);
	}
});
