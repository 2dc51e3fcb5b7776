import type { JsonObject } from "../json.ts";

export type AuditActorKind = "key" | "person" | "local_token" | "server" | "nobody";

/** Who asked for what, as it is kept for good. Never a prompt, a secret or a body. */
export interface AuditEntry {
	/** Whose account it is about; null: nobody's, as a sign-in that failed. */
	tenantId: string | null;
	actorKind: AuditActorKind;
	/** Key or person; null for the others. */
	actorId: string | null;
	/** The account the actor belongs to. */
	actorTenantId: string | null;
	/** The route's operationId. */
	action: string;
	/** Ids of what it was done to. */
	targets: string[];
	/** What else the route lets be told: a plan, a role. */
	details: JsonObject;
	/** The address without its last part. */
	network: string | null;
	requestId: string | null;
}

export interface AuditResult {
	/** HTTP. */
	status: number;
	/** Of the error; null: it was done. */
	code: string | null;
	/** Ids of what came of it. */
	made: string[];
}

/** `unknown`: the server was killed before it could tell. */
export const auditOutcomes = ["done", "refused", "failed", "unknown"] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

export interface KeptAuditEntry extends AuditEntry {
	id: number;
	at: Date;
	outcome: AuditOutcome;
	/** Null: unknown. */
	result: AuditResult | null;
}

export interface AuditQuery {
	/** Null: every account's. */
	tenantId: string | null;
	action: string | null;
	actorId: string | null;
	/** About this id. */
	target: string | null;
	outcome: AuditOutcome | null;
	from: Date | null;
	to: Date | null;
	limit: number;
	/** Only entries older than this one. */
	before: number | null;
}

/** Grows only; the database refuses any change. */
export interface AuditLog {
	/** Before it is done. Returns the entry's id. */
	begin(entry: AuditEntry): Promise<number>;
	/** How it came out. */
	end(entryId: number, result: AuditResult): Promise<void>;
	/** What is over already. */
	note(entry: AuditEntry, result: AuditResult): Promise<void>;
	/** Newest first. */
	list(query: AuditQuery): Promise<{ entries: KeptAuditEntry[]; next: number | null }>;
}
