import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { GlassworksError } from "../domain/errors.ts";
import { plansThat, sayBetterPlans } from "../domain/plans/betterPlan.ts";
import type { Principal } from "../domain/plans/operatorConfig.ts";
import { describeRate, isCalendarRate, isFaster, periodOf, type Rate } from "../domain/plans/rate.ts";
import { networkOf } from "./networkOf.ts";
import type { HttpPorts } from "./ports.ts";

declare module "fastify" {
	interface FastifyContextConfig {
		/** `submit`: counts against the plan's rate of asking for pictures. Left out: against its rate of requests. */
		rate?: "submit";
		/** Set by those who count a route's requests themselves. */
		isCounted?: boolean;
	}
}

const probes = ["/healthz", "/readyz", "/metrics"];

type LimitPorts = Pick<HttpPorts, "limiter" | "operator">;

/** Before any body is read: those who are known by their plan's rates, others by their address. For authenticateRoutes. */
export function limitRequests(app: FastifyInstance, ports: LimitPorts): void {
	countedHere(app);
	app.addHook("onRequest", async (request, reply) => {
		if (!request.principal) return limitStranger(ports, request, reply);
		const { tenantId, plan: planName } = request.principal;
		const plan = ports.operator.plans[planName];
		const submitRate = request.routeOptions.config.rate === "submit" ? submitRateOf(ports, request.principal) : null;
		const kind = submitRate ? "rate" : "requestRate";
		const rate = submitRate ?? plan?.requestRate;
		if (!rate) return;
		const wait = await take(ports, reply, `${kind}:${tenantId}`, rate);
		if (wait !== null) throw overPlanRate(ports, request.principal, { kind, rate, wait });
	});
}

/** Counts one more request for pictures, where a route that counts otherwise turns out to ask for some. @throws {GlassworksError} rate_limited */
export async function limitSubmit(ports: LimitPorts, principal: Principal): Promise<void> {
	const rate = submitRateOf(ports, principal);
	if (!rate) return;
	const { isAllowed, resetMs } = await ports.limiter.take(`rate:${principal.tenantId}`, rate);
	if (!isAllowed) throw overPlanRate(ports, principal, { kind: "rate", rate, wait: Math.ceil(resetMs / 1_000) });
}

/** Null: none, or one by the calendar, which is counted where jobs are accepted. */
function submitRateOf({ operator }: LimitPorts, { plan }: Principal): Rate | null {
	const rate = operator.plans[plan]?.rate;
	return rate && !isCalendarRate(rate) ? rate : null;
}

/** Routes registered from now on are no strangers' alone. */
export function countedHere(app: FastifyInstance): void {
	app.addHook("onRoute", (route) => {
		route.config = { ...route.config, isCounted: true };
	});
}

/** Pages, documents and files that anybody may ask for, and addresses where nothing is; probes are left alone. */
export function limitStrangers(app: FastifyInstance, ports: LimitPorts): void {
	app.addHook("onRequest", async (request, reply) => {
		const { url = "", config } = request.routeOptions;
		if (!config?.isCounted && !probes.includes(url)) await limitStranger(ports, request, reply);
	});
}

/** Counts a request of nobody we know. @throws {GlassworksError} rate_limited */
export async function limitStranger({ limiter, operator }: LimitPorts, request: FastifyRequest, reply: FastifyReply): Promise<void> {
	const rate = operator.limits.strangers;
	const wait = await take({ limiter }, reply, `address:${networkOf(request.ip)}`, rate);
	if (wait === null) return;
	throw new GlassworksError("rate_limited", `Too many requests from your address: ${describeRate(rate)} are answered. Wait ${wait} s.`, {
		...{ limit: "address_rate", max: rate.requests, per: rate.per, retry_after_s: wait },
	});
}

/** Counts one attempt to sign in, before it is looked at. @throws {GlassworksError} rate_limited */
export async function limitSignIn({ limiter, operator }: LimitPorts, request: FastifyRequest, reply: FastifyReply): Promise<void> {
	const rate = operator.limits.signIns;
	const wait = await take({ limiter }, reply, `sign-in:${networkOf(request.ip)}`, rate);
	if (wait === null) return;
	throw new GlassworksError("rate_limited", `Too many attempts to sign in from your address. Try again in ${wait} s.`, {
		...{ limit: "sign_in_rate", max: rate.requests, per: rate.per, retry_after_s: wait },
	});
}

/** Counts, tells how much is left in headers (draft-ietf-httpapi-ratelimit-headers), and returns the seconds to wait; null: none. */
async function take({ limiter }: Pick<HttpPorts, "limiter">, reply: FastifyReply, key: string, rate: Rate): Promise<number | null> {
	const { isAllowed, left, resetMs } = await limiter.take(key, rate);
	const resetS = Math.ceil(resetMs / 1_000);
	reply
		.header("ratelimit-policy", `${rate.requests};w=${periodOf(rate) / 1_000}`)
		.header("ratelimit-limit", String(rate.requests))
		.header("ratelimit-remaining", String(left))
		.header("ratelimit-reset", String(resetS));
	return isAllowed ? null : resetS;
}

function overPlanRate(
	{ operator }: LimitPorts,
	{ plan }: Principal,
	{ kind, rate, wait }: { kind: "rate" | "requestRate"; rate: Rate; wait: number },
): GlassworksError {
	const better = sayBetterPlans(plansThat(operator, (other) => isFaster(other[kind], rate)));
	const what = kind === "rate" ? `takes ${describeRate(rate)} that ask for pictures` : `answers ${describeRate(rate)}`;
	return new GlassworksError("rate_limited", `The plan ${plan} ${what}. Wait ${wait} s.${better.sentence}`, {
		...{ limit: kind === "rate" ? "rate" : "request_rate", max: rate.requests, per: rate.per, retry_after_s: wait },
		...better.data,
	});
}
