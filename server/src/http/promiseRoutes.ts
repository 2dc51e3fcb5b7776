import { promises, promisesQuery } from "../contract/promises.ts";
import type { App, HttpPorts } from "./ports.ts";
import { json, problems, security } from "./responses.ts";

/** What plans promise, and what was kept of it. */
export function promiseRoutes(app: App, { promises: reader, operator }: Pick<HttpPorts, "promises" | "operator">): void {
	app.get(
		"/promises",
		{
			config: { access: "operate" },
			schema: {
				operationId: "getPromises",
				tags: ["Operator"],
				summary: "What plans promise (wait, success), and what was kept of it lately",
				security: security.key,
				querystring: promisesQuery,
				response: { 200: json("By plan.", promises), ...problems("unauthenticated", "forbidden", "invalid_request") },
			},
		},
		async (request) => {
			const { days } = request.query;
			const plans = Object.entries(operator.plans);
			const kept = await reader.kept(Object.fromEntries(plans.map(([name, plan]) => [name, plan.promisedWaitMs])), days);
			const rows = plans.map(([name, { promisedWaitMs, promisedSuccessShare }]) => {
				const { waited = 0, begunInTime = 0, ended = 0, succeeded = 0 } = kept.find(({ plan }) => plan === name) ?? {};
				return {
					...{ plan: name, promised_wait_ms: promisedWaitMs, promised_success_share: promisedSuccessShare, waited, ended },
					wait_kept_share: waited > 0 ? begunInTime / waited : null,
					success_share: ended > 0 ? succeeded / ended : null,
				};
			});
			return { days, plans: rows };
		},
	);
}
