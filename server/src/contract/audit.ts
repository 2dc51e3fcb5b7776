import { z } from "zod";
import { auditOutcomes } from "../domain/audit/auditLog.ts";
import { jsonObject, timestamp } from "./common.ts";

const id = z.string().max(100);
const moment = z.iso.datetime({ offset: true });

export const auditQuery = z.object({
	action: z.string().max(100).optional().describe("Only this one, by the operationId of its route, such as createKey."),
	actor: id.optional().describe("Only of this key or person, by id."),
	target: id.optional().describe("Only what names this id."),
	outcome: z.enum(auditOutcomes).optional(),
	from: moment.optional(),
	to: moment.optional(),
	tenant: id.optional().describe("For operators: only about this account. Others see their own."),
	limit: z.coerce.number().int().min(1).max(500).default(50).describe("How many to return."),
	before: z
		.string()
		.regex(/^\d{1,15}$/, "must be `next` of an earlier page")
		.optional()
		.describe("`next` of the page before."),
});

const auditEntry = z
	.object({
		id: z.string(),
		at: timestamp,
		tenant_id: z.string().nullable().describe("Whose account it is about; null: nobody's, as a sign-in that failed."),
		actor: z.object({
			kind: z
				.enum(["key", "person", "local_token", "server", "operator", "nobody"])
				.describe("local_token: the server's own machine; server: on its own; operator: of the server, from another account."),
			id: z.string().nullable(),
		}),
		action: z.string().describe("operationId of the route."),
		targets: z.array(z.string()).describe("Ids of what it was done to."),
		made: z.array(z.string()).describe("Ids of what came of it."),
		details: jsonObject,
		network: z.string().nullable().describe("Where it came from, without the part of the address that tells people apart."),
		request_id: z.string().nullable(),
		outcome: z.enum(auditOutcomes).describe("unknown: the server was killed before it could tell."),
		status: z.int().nullable().describe("HTTP."),
		code: z.string().nullable().describe("Of the error, see docs/errors.md; null: there was none."),
	})
	.meta({ id: "AuditEntry" });
export const auditPage = z
	.object({ data: z.array(auditEntry).describe("The newest first."), next: z.string().nullable() })
	.meta({ id: "AuditPage" });
