import { z } from "zod";
import { scopes } from "../domain/plans/operatorConfig.ts";
import { pageQuery, timestamp } from "./common.ts";
import { keyCaps, keyUse, setKeyCaps } from "./keyCaps.ts";

const scope = z
	.enum(scopes)
	.describe("read: look; generate: submit and cancel; manage: people, keys and webhooks of the account; operate: the whole server.");

/** Whose keys: an operator may name another account. */
export const ofTenant = z.object({
	tenant: z.string().max(100).optional().describe("Id of another account, for operators. Left out: your own."),
});

export const apiKey = z
	.object({
		id: z.string(),
		name: z.string(),
		prefix: z.string().describe("The secret's first characters, to tell keys apart."),
		scopes: z.array(scope),
		created_at: timestamp,
		created_by: z.string().nullable().describe("Id of the person who made it; null: a key or the server's machine did."),
		expires_at: timestamp.nullable(),
		revoked_at: timestamp.nullable(),
		last_used_at: timestamp.nullable().describe("Up to two minutes behind; null: never."),
		caps: keyCaps,
		used: keyUse,
	})
	.meta({ id: "ApiKey" });
export const keyPage = z
	.object({ data: z.array(apiKey), next: z.string().nullable().describe("Pass as `before`; null at the end.") })
	.meta({ id: "ApiKeyList" });
export const listKeysQuery = pageQuery.extend(ofTenant.shape);

export const createKey = z
	.strictObject({
		name: z.string().trim().min(1).max(100).describe("What it is for."),
		scopes: z.array(scope).min(1).max(scopes.length).default(["read", "generate"]).describe("At most those of who asks."),
		expires_at: z.iso.datetime({ offset: true }).optional().describe("When it stops working. Left out: never."),
		caps: setKeyCaps.optional().describe("What it may at most. Left out: all that the account may."),
	})
	.meta({ id: "CreateApiKey" });
export const createdKey = z.object({ key: apiKey, secret: z.string().describe("Shown this once.") }).meta({ id: "CreatedApiKey" });

export const rotateKey = z
	.strictObject({
		overlap_s: z
			.int()
			.min(0)
			.max(7 * 86_400)
			.default(0)
			.describe("Seconds that the old secret goes on working beside the new one: up to a week."),
	})
	.meta({ id: "RotateApiKey" });
