import type { Transport } from "../http/transport.ts";
import type {
	AddEngine,
	AddedEngine,
	AuditPage,
	CreatedWorker,
	CreateWorker,
	Credits,
	Earnings,
	Engine,
	LedgerVerification,
	Promises,
	TestedEngine,
	Worker,
} from "../types.ts";

interface Signalled {
	signal?: AbortSignal;
}
export interface ListAuditOptions extends Signalled {
	/** operationId of a route, such as `createKey`. */
	action?: string;
	/** Id of a key or person. */
	actor?: string;
	/** Any id an entry names. */
	target?: string;
	outcome?: AuditPage["data"][number]["outcome"];
	/** ISO 8601. */
	from?: string;
	to?: string;
	/** For operators: only about this account. */
	tenant?: string;
	/** Per page, 1 to 500. Default: the server's, 50. */
	limit?: number;
	/** `next` of the page before. */
	before?: string;
}

const id = encodeURIComponent;

/** Machines that run steps; for who may operate. */
export function workers(transport: Transport) {
	const tell = (worker: string, order: string, { signal }: Signalled): Promise<Worker> =>
		transport.json<Worker>(`/api/v1/workers/${id(worker)}/${order}`, { method: "POST", signal });
	return {
		list: async ({ signal }: Signalled = {}): Promise<Worker[]> =>
			(await transport.json<{ data: Worker[] }>("/api/v1/workers", { signal })).data,
		/** The token is in the answer and nowhere else. Not sent again when no answer came. @throws {GlassworksApiError} invalid_request */
		create: (worker: CreateWorker, { signal }: Signalled = {}): Promise<CreatedWorker> =>
			transport.json<CreatedWorker>("/api/v1/workers", { method: "POST", json: worker, maxRetries: 0, signal }),
		/** It claims nothing; what it runs goes on. @throws {GlassworksApiError} not_found */
		pause: (worker: string, options: Signalled = {}): Promise<Worker> => tell(worker, "pause", options),
		/** It finishes what it runs and claims nothing more. @throws {GlassworksApiError} not_found */
		drain: (worker: string, options: Signalled = {}): Promise<Worker> => tell(worker, "drain", options),
		/** Undoes both. @throws {GlassworksApiError} not_found */
		resume: (worker: string, options: Signalled = {}): Promise<Worker> => tell(worker, "resume", options),
		/** Its token stops at once, and what it ran goes back in line. @throws {GlassworksApiError} not_found */
		revoke: async (worker: string, { signal }: Signalled = {}): Promise<void> => {
			await transport.json<undefined>(`/api/v1/workers/${id(worker)}/revoke`, { method: "POST", signal });
		},
	};
}

/** ComfyUI, IOPaint and diffusers as this server drives them; for who may operate. */
export function engines(transport: Transport) {
	return {
		list: async ({ signal }: Signalled = {}): Promise<Engine[]> =>
			(await transport.json<{ data: Engine[] }>("/api/v1/engines", { signal })).data,
		/** Asks it what it can do before it is kept. @throws {GlassworksApiError} engine_down, engine_invalid, engine_exists */
		add: (engine: AddEngine, { signal }: Signalled = {}): Promise<AddedEngine> =>
			transport.json<AddedEngine>("/api/v1/engines", { method: "POST", json: engine, maxRetries: 0, signal }),
		/** Has it make one small picture, which may take minutes: give the client a `timeoutMs` to match. @throws {GlassworksApiError} */
		test: (engine: string, { signal }: Signalled = {}): Promise<TestedEngine> =>
			transport.json<TestedEngine>(`/api/v1/engines/${id(engine)}/test`, { method: "POST", maxRetries: 0, signal }),
		/** What it runs may finish. @throws {GlassworksApiError} not_found */
		remove: async (engine: string, { signal }: Signalled = {}): Promise<void> => {
			await transport.json<undefined>(`/api/v1/engines/${id(engine)}`, { method: "DELETE", signal });
		},
	};
}

/** Who changed what; for who may manage the account, and for operators of all accounts. */
export function audit(transport: Transport) {
	return {
		/** One page, newest first. */
		list: ({ signal, ...query }: ListAuditOptions = {}): Promise<AuditPage> =>
			transport.json<AuditPage>("/api/v1/audit", { query: { ...query }, signal }),
	};
}

/** Credit and the books; for who may operate. */
export function credits(transport: Transport) {
	const pathOf = (tenant: string) => `/api/v1/tenants/${id(tenant)}/credits`;
	return {
		/** What an account has, with its latest ledger entries. @throws {GlassworksApiError} not_found */
		get: (tenant: string, { limit, signal }: Signalled & { limit?: number } = {}): Promise<Credits> =>
			transport.json<Credits>(pathOf(tenant), { query: { limit }, signal }),
		/** Adds micro-dollars, or below zero takes them back. Done once, however often it is sent. @throws {GlassworksApiError} insufficient_credit */
		move: (
			tenant: string,
			move: { amount_micro_usd: number; note?: string },
			{ idempotencyKey = crypto.randomUUID(), signal }: Signalled & { idempotencyKey?: string } = {},
		): Promise<Credits> =>
			transport.json<Credits>(pathOf(tenant), { method: "POST", json: move, headers: { "idempotency-key": idempotencyKey }, signal }),
		/** Adds up the whole ledger again. */
		verify: ({ signal }: Signalled = {}): Promise<LedgerVerification> =>
			transport.json<LedgerVerification>("/api/v1/ledger/verification", { signal }),
		/** Price, own cost and margin by model and step. */
		earnings: ({ signal, ...query }: Signalled & { days?: number } = {}): Promise<Earnings> =>
			transport.json<Earnings>("/api/v1/earnings", { query, signal }),
		/** What plans promise, and what was kept of it. */
		promises: ({ signal, ...query }: Signalled & { days?: number } = {}): Promise<Promises> =>
			transport.json<Promises>("/api/v1/promises", { query, signal }),
	};
}
