import type { z } from "zod";
import { auditPage, auditQuery } from "../contract/audit.ts";
import type { KeptAuditEntry } from "../domain/audit/auditLog.ts";
import { principalOf } from "./authenticate.ts";
import type { App, HttpPorts } from "./ports.ts";
import { json, problems, security } from "./responses.ts";

/** What was done to the account; to operators: to all of them and the server. */
export function auditRoutes(app: App, { audit }: Pick<HttpPorts, "audit">): void {
	app.get(
		"/audit",
		{
			config: { access: "manage" },
			schema: {
				operationId: "listAuditEntries",
				tags: ["Account"],
				summary: "Who changed what, and who got in or tried to",
				description: "Kept for good and never changed. Holds ids and names of actions; never prompts, secrets or bodies.",
				security: security.key,
				querystring: auditQuery,
				response: { 200: json("One page.", auditPage), ...problems("unauthenticated", "forbidden", "invalid_request") },
			},
		},
		async (request) => {
			const { tenantId, scopes } = principalOf(request);
			const { action = null, actor = null, target = null, outcome = null, from, to, tenant = null, limit, before } = request.query;
			const isOperator = scopes.includes("operate");
			const { entries, next } = await audit.list({
				...{ action, actorId: actor, target, outcome, limit },
				tenantId: isOperator ? tenant : tenantId,
				from: from === undefined ? null : new Date(from),
				to: to === undefined ? null : new Date(to),
				before: before === undefined ? null : Number(before),
			});
			return { data: entries.map((entry) => present(entry, isOperator)), next: next === null ? null : String(next) };
		},
	);
}

/** An account is told that an operator did something, not which one. */
function present(entry: KeptAuditEntry, isOperator: boolean): z.infer<typeof auditPage>["data"][number] {
	const { id, at, tenantId, actorKind, actorId, actorTenantId, action, targets, details, network, requestId, outcome, result } = entry;
	const isOther = !isOperator && actorTenantId !== null && actorTenantId !== tenantId;
	return {
		...{ id: String(id), at: at.toISOString(), tenant_id: tenantId, action, targets, details, request_id: requestId, outcome },
		actor: isOther ? { kind: "operator", id: null } : { kind: actorKind, id: actorId },
		network: isOther ? null : network,
		...{ made: result?.made ?? [], status: result?.status ?? null, code: result?.code ?? null },
	};
}
