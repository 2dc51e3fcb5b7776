import type { AuditLog } from "../audit/auditLog.ts";
import type { BatchStore } from "../batches/batchStore.ts";
import { GlassworksError } from "../errors.ts";
import { announce } from "../jobs/announce.ts";
import type { JobStore } from "../jobs/jobStore.ts";
import type { Bus } from "../ports.ts";

/** An account on its way out, or gone. */
export interface AccountDeletion {
	/** The receipt: whoever has it may ask how far it is. */
	id: string;
	tenantId: string;
	askedAt: Date;
	/** Null: something is still to be removed. */
	completedAt: Date | null;
}

/** Accounts that are deleted for good. What the books need stays: ids, amounts and counts, nothing that anybody wrote. */
export interface AccountDeletions {
	/**
	 * Ends whatever acts for the account, at once: keys, sessions, memberships, invitations, webhooks. People who belong to no other account go
	 * too. The rest is removed by deleteAccounts.
	 * @throws {GlassworksError} not_found; account_deleted; last_owner, for the account that runs the server
	 */
	ask(tenantId: string, id: string): Promise<AccountDeletion>;
	/** Null: there is none. */
	find(id: string): Promise<AccountDeletion | null>;
	/** Those that something is left of. */
	open(): Promise<AccountDeletion[]>;
	/** What of an account may still go on, of each so many. */
	unfinished(tenantId: string, limit: number): Promise<{ batchIds: string[]; jobIds: string[] }>;
	/** Removes a bounded part of what has ended. Returns how many rows that were. */
	removeSome(tenantId: string): Promise<number>;
	/** Notes that it is complete, once, and only when nothing is left. Its pictures go by the sweep, see sweepStorage.ts. */
	complete(tenantId: string): Promise<boolean>;
}

export interface DeletionPorts {
	deletions: AccountDeletions;
	batches: Pick<BatchStore, "cancel">;
	jobs: Pick<JobStore, "cancel">;
	bus: Bus;
	/** Removes bytes that nothing refers to, a bounded round. */
	sweep(): Promise<unknown>;
	audit: Pick<AuditLog, "note">;
}

/** So many jobs are cancelled before the next account has its turn. */
const atOnce = 100;
const roundMs = 1_000;
/** Rounds follow each other so quickly while something is left. */
const openEveryMs = 1_000;

/** Hint: an account is to be deleted, or its owners told. */
export const deletionTopic = "account-deletions";

/**
 * One round of the chore. Safe in several processes at once, and to be killed anywhere: the next round goes on. Says after how many milliseconds
 * that is due, if there is anything left.
 */
export async function deleteAccounts(ports: DeletionPorts): Promise<number | undefined> {
	for (const { tenantId } of await ports.deletions.open()) {
		await cancelAll(ports, tenantId);
		await removeAll(ports, tenantId);
	}
	return (await ports.deletions.open()).length > 0 ? openEveryMs : undefined;
}

async function cancelAll({ deletions, batches, jobs, bus }: DeletionPorts, tenantId: string): Promise<void> {
	const { batchIds, jobIds } = await deletions.unfinished(tenantId, atOnce);
	for (const batchId of batchIds) await unlessEnded(batches.cancel(tenantId, batchId));
	for (const jobId of jobIds) {
		const effects = await unlessEnded(jobs.cancel(tenantId, jobId));
		if (effects) announce(bus, effects);
	}
}

/** Whoever else ends or removes the same does what is wanted. */
async function unlessEnded<T>(work: Promise<T>): Promise<T | null> {
	try {
		return await work;
	} catch (error) {
		if (error instanceof GlassworksError && ["job_not_cancellable", "batch_ended", "not_found"].includes(error.code)) return null;
		throw error;
	}
}

async function removeAll({ deletions, audit, sweep, bus }: DeletionPorts, tenantId: string): Promise<void> {
	for (const until = performance.now() + roundMs; (await deletions.removeSome(tenantId)) > 0; ) if (performance.now() > until) return;
	// Bytes are what is left: not to wait for the sweep's own time.
	await sweep();
	if (!(await deletions.complete(tenantId))) return;
	bus.publish(deletionTopic, {});
	const actor = { actorKind: "server" as const, actorId: null, actorTenantId: null, network: null, requestId: null };
	await audit.note(
		{ ...actor, tenantId, action: "accountDeleted", targets: [tenantId], details: {} },
		{ status: 200, code: null, made: [] },
	);
}
