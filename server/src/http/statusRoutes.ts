import { type StatusBody, status } from "../contract/status.ts";
import type { PlanWait } from "../domain/status/planWaits.ts";
import { takesWork } from "../domain/status/serviceWatch.ts";
import { uptimeDays, uptimeOf } from "../domain/status/uptime.ts";
import type { App, HttpPorts } from "./ports.ts";
import { json, problems, security } from "./responses.ts";

const spans = [1, 30, 90];
const shownIncidents = 50;

/** How well the service does, for everybody: without a key, and of nobody in particular. */
export function statusRoutes(app: App, ports: HttpPorts): void {
	app.get(
		"/status",
		{
			config: { access: "open" },
			schema: {
				operationId: "getStatus",
				tags: ["Server"],
				summary: "Uptime, incidents, measured waits by plan and how true ETAs came",
				description: "Public. Names nobody and counts no account's jobs. Some seconds old.",
				security: security.open,
				response: { 200: json("As measured.", status), ...problems("forbidden") },
			},
		},
		async (_request, reply) => {
			reply.header("cache-control", "public, max-age=10");
			return readStatus(ports);
		},
	);
}

async function readStatus({ serviceWatch, queue, planWaits, coverage, operator }: HttpPorts): Promise<StatusBody> {
	const now = new Date();
	const pools = Object.keys(operator.pools);
	const [kept, snapshot, waits, covered] = await Promise.all([
		serviceWatch.read(now),
		queue.snapshot(),
		planWaits.read(),
		Promise.all(pools.map(coverage)),
	]);
	const record = kept ?? { since: now, incidents: [] };
	return {
		as_of: now.toISOString(),
		state: takesWork(snapshot) ? "working" : "no_workers",
		since: record.since.toISOString(),
		uptime: spans.map((days) => ({ days, ...uptimeOf(record, days, now) })),
		days: uptimeDays(record, now),
		incidents: record.incidents.slice(0, shownIncidents).map(({ kind, beganAt, endedAt }) => ({
			kind,
			began_at: beganAt.toISOString(),
			ended_at: endedAt?.toISOString() ?? null,
		})),
		waits: presentWaits(operator.plans, waits),
		etas: pools.map((pool, index) => ({ pool, coverage: covered[index] ?? null })),
	};
}

function presentWaits(plans: HttpPorts["operator"]["plans"], waits: readonly PlanWait[]): StatusBody["waits"] {
	return Object.entries(plans).map(([plan, { title, promisedWaitMs }]) => {
		const measured = waits.find((wait) => wait.plan === plan);
		const whole = (ms: number | undefined) => (ms === undefined ? null : Math.max(0, Math.round(ms)));
		return { plan, title, p50_ms: whole(measured?.p50Ms), p90_ms: whole(measured?.p90Ms), promised_ms: promisedWaitMs };
	});
}
