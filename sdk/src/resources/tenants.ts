import type { Transport } from "../http/transport.ts";
import type { AccountDeletion, CreateTenant, Tenant, TenantPage } from "../types.ts";
import { iteratePages } from "./iteratePages.ts";

interface Signalled {
	signal?: AbortSignal;
}
export interface ListTenantsOptions extends Signalled {
	/** Per page, 1 to 100. Default: the server's, 20. */
	limit?: number;
	/** `next` of the page before. */
	before?: string;
}

/** Accounts; for who may operate the server. */
export function tenants(transport: Transport) {
	const list = ({ signal, ...query }: ListTenantsOptions = {}): Promise<TenantPage> =>
		transport.json<TenantPage>("/api/v1/tenants", { query: { ...query }, signal });
	return {
		/** One page, newest first. */
		list,
		iterate: (options: Omit<ListTenantsOptions, "before"> = {}): AsyncGenerator<Tenant, void, undefined> =>
			iteratePages((before) => list({ ...options, before })),
		/** @throws {GlassworksApiError} not_found */
		get: (id: string, { signal }: Signalled = {}): Promise<Tenant> =>
			transport.json<Tenant>(`/api/v1/tenants/${encodeURIComponent(id)}`, { signal }),
		/** Its unfinished work follows at once; prices agreed stay. @throws {GlassworksApiError} not_found, invalid_request */
		changePlan: async (id: string, plan: string, { signal }: Signalled = {}): Promise<void> => {
			await transport.json(`/api/v1/tenants/${encodeURIComponent(id)}/plan`, { method: "POST", json: { plan }, signal });
		},
		/** Deletes it for good; `confirm` is its name. @throws {GlassworksApiError} not_found, last_owner, account_deleted */
		delete: (id: string, confirm: string, { signal }: Signalled = {}): Promise<AccountDeletion> =>
			transport.json<AccountDeletion>(`/api/v1/tenants/${encodeURIComponent(id)}`, { method: "DELETE", json: { confirm }, signal }),
		/** With an idempotency key it is made once, however often it is sent. */
		create: (
			tenant: CreateTenant,
			{ idempotencyKey = crypto.randomUUID(), signal }: Signalled & { idempotencyKey?: string } = {},
		): Promise<Tenant> =>
			transport.json<Tenant>("/api/v1/tenants", { method: "POST", json: tenant, headers: { "idempotency-key": idempotencyKey }, signal }),
	};
}
