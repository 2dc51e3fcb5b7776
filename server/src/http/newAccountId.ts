import type { FastifyRequest } from "fastify";
import { idempotencyKey } from "./idempotency.ts";
import type { HttpPorts } from "./ports.ts";
import { sha256Hex } from "./sign.ts";

/** The id of an account to be made. With an Idempotency-Key the same each time this asker sends it, so that it is made once. */
export function newAccountId({ newId }: Pick<HttpPorts, "newId">, request: FastifyRequest, asker: string): string {
	const key = idempotencyKey(request);
	return key === null ? newId("ten") : `ten_${sha256Hex(`${asker}\n${key}`).slice(0, 26)}`;
}
