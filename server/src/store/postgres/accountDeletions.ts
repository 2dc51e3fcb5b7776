import { GlassworksError } from "../../domain/errors.ts";
import type { AccountDeletion, AccountDeletions } from "../../domain/people/accountDeletion.ts";
import { ownerTenant } from "../../domain/plans/ownerTenant.ts";
import { type Database, type Session, sql } from "../sql.ts";
import { releasePool } from "./pools.ts";

const columns = sql`deletion_id as id, id as "tenantId", deletion_asked_at as "askedAt", deleted_at as "completedAt"`;
const ended = sql`('succeeded', 'partial', 'failed', 'cancelled')`;

/** Rows of an account that refer to nothing of it but each other, in an order in which they may go; jobs, batches and workflows go before. */
const plainTables = [
	sql`assets`,
	sql`boards`,
	sql`idempotency_keys`,
	sql`webhook_events`, // with deliveries and attempts
	sql`webhook_endpoints`,
	sql`request_webhooks`,
	sql`result_mails`,
	sql`cached_results`,
	sql`quota_notices`,
	sql`tenant_tags`,
	sql`line_tags`,
];
/** Rows that one statement removes. */
const most = 500;

export function createAccountDeletions(database: Database): AccountDeletions {
	return {
		ask: (tenantId, id) => database.transaction((tx) => ask(tx, tenantId, id)),
		async find(id) {
			const [found] = await database.query<AccountDeletion>(sql`select ${columns} from tenants where deletion_id = ${id}`);
			return found ?? null;
		},
		open: () =>
			database.query<AccountDeletion>(sql`select ${columns} from tenants
				where deletion_asked_at is not null and deleted_at is null order by deletion_asked_at`),
		async unfinished(tenantId, limit) {
			const [row] = await database.query<{ batchIds: string[]; jobIds: string[] }>(sql`select
				array(select id from batches where tenant_id = ${tenantId} and finished_at is null and state <> 'cancelled' limit ${limit}) as "batchIds",
				array(select id from jobs where tenant_id = ${tenantId} and status not in ${ended} order by created_at limit ${limit}) as "jobIds"`);
			return row ?? { batchIds: [], jobIds: [] };
		},
		async removeSome(tenantId) {
			let removed = await removeBatch(database, tenantId);
			removed += await removeJobs(database, tenantId);
			removed += await removeWorkflows(database, tenantId);
			for (const table of plainTables) {
				const rows = await database.query(sql`delete from ${table}
					where ctid = any(array(select ctid from ${table} where tenant_id = ${tenantId} limit ${most})) returning 1 as one`);
				removed += rows.length;
			}
			return removed;
		},
		async complete(tenantId) {
			for (const { id } of await database.query<{ id: string }>(sql`select id from pools where tenant_id = ${tenantId}`))
				await releasePool(database, id, { move: true }).catch(unlessGone);
			return database.transaction((tx) => complete(tx, tenantId));
		},
	};
}

async function ask(tx: Session, tenantId: string, id: string): Promise<AccountDeletion> {
	// Waits for whoever is just making something in the account: see migration 0014.
	const [tenant] = await tx.query<{ isDeleted: boolean }>(
		sql`select deletion_asked_at is not null as "isDeleted" from tenants where id = ${tenantId} for update`,
	);
	if (!tenant) throw new GlassworksError("not_found", `There is no tenant ${tenantId}.`);
	if (tenantId === ownerTenant)
		throw new GlassworksError("last_owner", `The account ${ownerTenant} runs the server: it cannot be deleted while there is one.`);
	if (tenant.isDeleted) throw new GlassworksError("account_deleted", "The account was deleted already.");
	const [asked] = await tx.query<AccountDeletion>(
		sql`update tenants set deletion_id = ${id}, deletion_asked_at = clock_timestamp() where id = ${tenantId} returning ${columns}`,
	);
	if (!asked) throw new Error("the account vanished while it was locked");
	await tx.query(sql`insert into deletion_notices (tenant_id, address, deletion_id)
		select m.tenant_id, p.email, ${id} from members m join people p on p.id = m.user_id where m.tenant_id = ${tenantId} and m.role = 'owner'`);
	await removePeople(tx, tenantId);
	await tx.query(sql`delete from invitations where tenant_id = ${tenantId}`);
	await tx.query(sql`delete from api_keys where tenant_id = ${tenantId}`);
	await silence(tx, tenantId);
	return asked;
}

/** Sessions and memberships; and people who belong to no other account. They are locked first: nobody joins another one meanwhile. */
async function removePeople(tx: Session, tenantId: string): Promise<void> {
	const people = await tx.query<{
		id: string;
	}>(sql`select id from people where id in (select user_id from members where tenant_id = ${tenantId})
		order by id for update`);
	const ids = people.map((person) => person.id);
	await tx.query(sql`delete from sessions where tenant_id = ${tenantId}`);
	await tx.query(sql`delete from members where tenant_id = ${tenantId}`);
	const gone = await tx.query<{ id: string }>(sql`delete from people p where id = any(${ids}::text[])
		and not exists (select 1 from members m where m.user_id = p.id) returning id`);
	await tx.query(sql`delete from verifications where value = any(${gone.map((person) => person.id)}::text[])`);
}

/** Nobody is told of anything any more, not even of what its deletion cancels. */
async function silence(tx: Session, tenantId: string): Promise<void> {
	await tx.query(sql`delete from webhook_secrets where id = ${tenantId}
		or id in (select id from webhook_endpoints where tenant_id = ${tenantId})`);
	await tx.query(sql`update webhook_endpoints set enabled = false, tell_after = null where tenant_id = ${tenantId}`);
	await tx.query(sql`update webhook_deliveries set status = 'dropped', ended_at = clock_timestamp()
		where tenant_id = ${tenantId} and status = 'pending'`);
	await tx.query(sql`delete from request_webhooks where tenant_id = ${tenantId}`);
	await tx.query(sql`delete from result_mails where tenant_id = ${tenantId}`);
}

/** One that has ended, with its items. */
async function removeBatch(database: Database, tenantId: string): Promise<number> {
	return database.transaction(async (tx) => {
		await lockTenant(tx, tenantId);
		const [batch] = await tx.query<{ id: string }>(
			sql`select id from batches where tenant_id = ${tenantId} and finished_at is not null limit 1 for update`,
		);
		if (!batch) return 0;
		await tx.query(sql`delete from batch_items where batch_id = ${batch.id}`);
		await tx.query(sql`delete from batches where id = ${batch.id}`);
		return 1;
	});
}

/** Jobs that have ended and are of no batch that is still to settle them. */
async function removeJobs(database: Database, tenantId: string): Promise<number> {
	return database.transaction(async (tx) => {
		await lockTenant(tx, tenantId);
		const found = await tx.query<{ id: string }>(sql`select id from jobs where tenant_id = ${tenantId} and status in ${ended}
			and not exists (select 1 from batches where tenant_id = ${tenantId}) limit 50`);
		const ids = found.map((job) => job.id);
		await tx.query(sql`select 1 from tasks where job_id = any(${ids}::text[]) order by id for update`);
		await tx.query(sql`delete from task_uploads where task_id in (select id from tasks where job_id = any(${ids}::text[]))`);
		await tx.query(sql`delete from tasks where job_id = any(${ids}::text[])`);
		await tx.query(sql`delete from image_runs where job_id = any(${ids}::text[])`);
		await tx.query(sql`delete from job_events where job_id = any(${ids}::text[])`);
		await tx.query(sql`delete from jobs where id = any(${ids}::text[])`);
		return ids.length;
	});
}

async function removeWorkflows(database: Database, tenantId: string): Promise<number> {
	return database.transaction(async (tx) => {
		const found = await tx.query<{ id: string }>(sql`select id from workflows where tenant_id = ${tenantId} limit 50 for update`);
		const ids = found.map((workflow) => workflow.id);
		await tx.query(sql`delete from workflow_versions where workflow_id = any(${ids}::text[])`);
		await tx.query(sql`delete from workflows where id = any(${ids}::text[])`);
		return ids.length;
	});
}

async function complete(tx: Session, tenantId: string): Promise<boolean> {
	await lockTenant(tx, tenantId);
	const all = [sql`jobs`, sql`batches`, sql`workflows`, ...plainTables].reduce(
		(sum, table) => sql`${sum} or exists (select 1 from ${table} where tenant_id = ${tenantId})`,
		sql`exists (select 1 from blobs where tenant_id = ${tenantId} and (removed_at is null or kept_until > removed_at))`,
	);
	const [row] = await tx.query<{ isLeft: boolean }>(sql`select ${all} as "isLeft"`);
	if (row?.isLeft !== false) return false;
	await tx.query(sql`delete from blobs where tenant_id = ${tenantId}`);
	await tx.query(sql`delete from webhook_secrets where id = ${tenantId}`);
	await tx.query(
		sql`update ledger_entries set note = '', reference = null where tenant_id = ${tenantId} and (note <> '' or reference is not null)`,
	);
	const noted = await tx.query(sql`update tenants set name = '', dedicated_pools = '{}', deleted_at = clock_timestamp()
		where id = ${tenantId} and deleted_at is null returning 1 as one`);
	return noted.length > 0;
}

const lockTenant = (tx: Session, tenantId: string) => tx.query(sql`select 1 from tenants where id = ${tenantId} for no key update`);

/** Another process released it. */
function unlessGone(error: unknown): void {
	if (!(error instanceof GlassworksError && error.code === "not_found")) throw error;
}
