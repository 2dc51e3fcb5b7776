import type { Principal, Scope } from "./operatorConfig.ts";

export interface Tenant {
	id: string;
	name: string;
	plan: string;
	/** True: may owe; holds are not limited by credit. */
	postpaid: boolean;
}

/** A key as shown to people: never the secret. */
export interface ApiKey {
	id: string;
	tenantId: string;
	name: string;
	/** First characters of the secret, to tell keys apart. */
	prefix: string;
	scopes: Scope[];
	createdAt: Date;
	expiresAt: Date | null;
	revokedAt: Date | null;
}

/** Tenants, keys, sessions and credit. Hashes are SHA-256, hex; secrets never reach the store. */
export interface AccountStore {
	createTenant(tenant: Tenant): Promise<void>;
	createKey(key: Omit<ApiKey, "createdAt" | "revokedAt"> & { secretHash: string }): Promise<void>;
	revokeKey(tenantId: string, keyId: string): Promise<void>;
	/** Newest first, revoked and expired ones included. */
	listKeys(tenantId: string): Promise<ApiKey[]>;
	/** Null when unknown, expired or revoked. */
	findByKeyHash(secretHash: string): Promise<Principal | null>;
	/** The owner tenant, created when it is not there; true when it was created now. Safe to race. */
	ensureOwner(): Promise<{ created: boolean }>;
	createSession(session: { tokenHash: string; keyId: string; expiresAt: Date }): Promise<void>;
	/** Null when unknown, expired, or its key was revoked. */
	findBySessionHash(tokenHash: string): Promise<Principal | null>;
	endSession(tokenHash: string): Promise<void>;
	/** Adds credit. Integer micro-dollars above zero. */
	addCredit(tenantId: string, amountMicroUsd: number, note: string): Promise<void>;
	/** Credit not held, in micro-dollars: the sum of the ledger. */
	balance(tenantId: string): Promise<{ creditMicroUsd: number; heldMicroUsd: number }>;
}
