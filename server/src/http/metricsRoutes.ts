import { GlassworksError } from "../domain/errors.ts";
import { principalOfKey, secretIn } from "./authenticate.ts";
import type { App, HttpPorts } from "./ports.ts";
import { bytes, problems, security } from "./responses.ts";
import { isSameSecret } from "./sign.ts";

/** What Prometheus scrapes: at the address it looks at by itself, not below /api/v1. */
export function metricsRoutes(app: App, ports: HttpPorts): void {
	app.get(
		"/metrics",
		{
			schema: {
				operationId: "getMetrics",
				tags: ["Operator"],
				summary: "Metrics for Prometheus",
				description: "Takes a key that may operate, or the token of GLASSWORKS_METRICS_TOKEN as bearer.",
				security: security.key,
				response: { 200: bytes("Text of Prometheus.", "text/plain"), ...problems("unauthenticated", "forbidden") },
			},
			onRequest: async (request) => admit(ports, request.headers.authorization),
		},
		async (_request, reply) => {
			const { metrics, queue, stepCounts, coverage } = ports;
			const [snapshot, ended, totals, pools] = await Promise.all([
				queue.snapshot(),
				stepCounts.endedSinceLast(),
				stepCounts.ledgerTotals(),
				ports.steering.pools(),
			]);
			metrics.countEnded(ended);
			metrics.showQueue(snapshot);
			metrics.showLedger(totals);
			metrics.showWebhooks(await ports.webhooks.stats());
			for (const { id } of pools.filter((pool) => !pool.dedicated)) metrics.showCoverage(id, (await coverage(id))?.share ?? null);
			return reply
				.type(metrics.contentType)
				.header("cache-control", "no-store")
				.send(await metrics.text());
		},
	);
}

/** @throws {GlassworksError} unauthenticated, forbidden */
async function admit(ports: HttpPorts, authorization: string | undefined): Promise<void> {
	const secret = authorization === undefined ? null : secretIn(authorization);
	const { metricsToken } = ports;
	if (secret !== null && metricsToken !== null && isSameSecret(secret, metricsToken)) return;
	const principal = await principalOfKey(secret, ports);
	if (!principal.scopes.includes("operate")) throw new GlassworksError("forbidden", "This key lacks the scope `operate`.");
}

/** Counts refused requests for pictures, by code. */
export function watchRefusals(app: App, ports: Pick<HttpPorts, "metrics">): void {
	app.addHook("onSend", async (request, reply, payload) => {
		if (reply.statusCode < 400 || request.method !== "POST" || typeof payload !== "string") return;
		if (!/\/(generations|quotes)$/.test(request.routeOptions.url ?? "")) return;
		const { code } = JSON.parse(payload) as { code?: unknown };
		if (typeof code === "string") ports.metrics.countRefusal(code);
	});
}
