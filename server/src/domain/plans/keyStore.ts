import type { KeyCaps, KeyUse } from "./keyCaps.ts";
import type { Scope } from "./operatorConfig.ts";

/** A key as shown to people: never the secret. */
export interface ApiKey {
	id: string;
	tenantId: string;
	name: string;
	/** First characters of the secret, to tell keys apart. */
	prefix: string;
	scopes: Scope[];
	createdAt: Date;
	/** The person who made it; null: a key did, or this machine's own token. */
	createdBy: string | null;
	expiresAt: Date | null;
	revokedAt: Date | null;
	/** Up to a minute behind; null: never. */
	lastUsedAt: Date | null;
	caps: KeyCaps;
	used: KeyUse;
}

export interface NewKey extends Pick<ApiKey, "id" | "tenantId" | "name" | "prefix" | "scopes" | "expiresAt"> {
	/** SHA-256, hex. */
	secretHash: string;
	/** Default: null. */
	createdBy?: string | null;
	/** Default: none. */
	caps?: KeyCaps;
}

/** Keys of the API. Secrets never reach the store. */
export interface KeyStore {
	createKey(key: NewKey): Promise<void>;
	/** @throws {GlassworksError} not_found */
	getKey(tenantId: string, keyId: string): Promise<ApiKey>;
	/** At once and for good; repeats change nothing. @throws {GlassworksError} not_found */
	revokeKey(tenantId: string, keyId: string): Promise<void>;
	/**
	 * A key like an old one, with a secret of its own; the old one works until `oldUntil` at the latest.
	 * @throws {GlassworksError} not_found; key_not_usable, when the old one is revoked or expired
	 */
	rotateKey(
		old: { tenantId: string; keyId: string; oldUntil: Date },
		key: Pick<NewKey, "id" | "prefix" | "secretHash" | "createdBy">,
	): Promise<ApiKey>;
	/** Newest first, revoked and expired ones included. `before` is the last key of the page before. */
	listKeys(tenantId: string, page: { limit: number; before: string | null }): Promise<{ keys: ApiKey[]; next: string | null }>;
	/** Null leaves the name as it is; caps that are undefined stay, null ends one. @throws {GlassworksError} not_found */
	changeKey(tenantId: string, keyId: string, change: { name: string | null; caps: KeyCaps }): Promise<ApiKey>;
	/** What a key may at most; none when there is no such key. */
	keyCaps(keyId: string): Promise<KeyCaps>;
	/** Notes that keys were used about now: once a minute at most for each, whoever says so. */
	touchKeys(keyIds: readonly string[]): Promise<void>;
}
