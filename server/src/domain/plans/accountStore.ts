import type { QuotaUsage } from "../pricing/drawQuotas.ts";
import type { KeyStore } from "./keyStore.ts";
import type { Principal, QuotaUnit } from "./operatorConfig.ts";

export interface Tenant {
	id: string;
	name: string;
	plan: string;
	/** True: may owe; holds are not limited by credit. */
	postpaid: boolean;
	createdAt: Date;
	/** Null: nobody asked for its deletion. From then on nobody acts for it. */
	deletionAskedAt: Date | null;
	/** When all of it was gone. */
	deletedAt: Date | null;
}

/** Tenants, keys, sessions and credit. Hashes are SHA-256, hex; secrets never reach the store. */
export interface AccountStore extends KeyStore {
	/** @throws {GlassworksError} tenant_exists */
	createTenant(tenant: Omit<Tenant, "createdAt" | "deletionAskedAt" | "deletedAt">): Promise<void>;
	/** Newest first. `before` is the last one of the page before. */
	listTenants(page: { limit: number; before: string | null }): Promise<{ tenants: Tenant[]; next: string | null }>;
	/** @throws {GlassworksError} not_found */
	renameTenant(tenantId: string, name: string): Promise<void>;
	/** The owner tenant, created when it is not there; true when it was created now. Safe to race. */
	ensureOwner(): Promise<{ created: boolean }>;
	/**
	 * Null when unknown, expired or revoked. Whatever was revoked, ended or changed before this was called is seen, whoever of the processes on
	 * the database did it.
	 */
	findByKeyHash(secretHash: string): Promise<Principal | null>;
	/** A key's or a person's session; null too where the person no longer belongs to the account. As findByKeyHash. */
	findBySessionHash(tokenHash: string): Promise<Principal | null>;
	createSession(session: { tokenHash: string; keyId: string; expiresAt: Date }): Promise<void>;
	endSession(tokenHash: string): Promise<void>;
	/** Null: there is no such tenant. */
	findTenant(tenantId: string): Promise<Tenant | null>;
	/**
	 * Adds credit. Integer micro-dollars above zero. With a reference it is done once: repeats change nothing.
	 * @throws {GlassworksError} not_found, account_deleted; idempotency_key_reused, when the reference stands for something else
	 */
	addCredit(tenantId: string, amountMicroUsd: number, note: string, reference?: string | null): Promise<void>;
	/** Takes credit back, never more than is free. As addCredit. @throws {GlassworksError} insufficient_credit */
	takeCredit(tenantId: string, amountMicroUsd: number, note: string, reference?: string | null): Promise<void>;
	/** Credit not held, in micro-dollars: the sum of the ledger. */
	balance(tenantId: string): Promise<Balance>;
	/** What the tenant drew from this month's quotas. The month is UTC, by the database's clock. */
	quotaUsage(tenantId: string): Promise<QuotaUsage>;
	/** The latest entries of the ledger, newest first. */
	ledger(tenantId: string, limit: number): Promise<LedgerEntry[]>;
}

export interface Balance {
	creditMicroUsd: number;
	heldMicroUsd: number;
}

/** One move between two accounts of a tenant. */
export interface LedgerEntry {
	id: number;
	/** hold: set aside at submit · settle: taken for a step · release: given back when the job ended */
	kind: "credit" | "withdrawal" | "hold" | "settle" | "release";
	/** `usd`: the amount is micro-dollars. Else what of the plan's quota was moved. */
	unit: "usd" | QuotaUnit;
	amount: number;
	jobId: string | null;
	note: string;
	createdAt: Date;
}
