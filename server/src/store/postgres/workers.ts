import { eitherOf, type Live } from "../../domain/engines/live.ts";
import { abilitiesOf } from "../../domain/engines/requirements.ts";
import { noTraits, type Traits } from "../../domain/engines/traits.ts";
import { GlassworksError } from "../../domain/errors.ts";
import type { WorkerOrder } from "../../domain/jobs/steering.ts";
import type { Worker, WorkerStatus, WorkerStore } from "../../domain/jobs/workerStore.ts";
import type { Capability } from "../../domain/ports.ts";
import type { LiveDigests } from "../../domain/storage/resultKey.ts";
import { type Database, json, type Session, sql } from "../sql.ts";
import { isLive } from "./isLive.ts";
import { readAble } from "./shortfalls.ts";

const columns = sql`id, name, kind, pools, allowed, capabilities, loaded_model as "loadedModel", slots, last_seen_at as "lastSeenAt",
	created_at as "createdAt", revoked_at as "revokedAt", trouble, paused, draining`;
const running = sql`(select count(*)::int from tasks where status = 'running' and worker_id = workers.id) as running`;

export async function liveCapabilities(session: Session, liveForMs: number): Promise<Live> {
	const rows = await session.query<Pick<Worker, "pools" | "capabilities"> & { traits: Record<string, Traits> }>(
		sql`select pools, capabilities, traits from workers where ${isLive(liveForMs)}`,
	);
	const live = new Map<string, Map<Capability, Traits>>();
	for (const { pools, capabilities, traits } of rows)
		for (const pool of pools) {
			const known = live.get(pool) ?? new Map<Capability, Traits>();
			for (const capability of capabilities) {
				const [others, own] = [known.get(capability), traits[capability] ?? noTraits];
				known.set(capability, others ? eitherOf(others, own) : own);
			}
			live.set(pool, known);
		}
	return live;
}

async function liveDigests(session: Session, liveForMs: number): Promise<LiveDigests> {
	const rows = await session.query<Pick<Worker, "pools" | "capabilities"> & { digests: Record<string, string> }>(
		sql`select pools, capabilities, digests from workers where ${isLive(liveForMs)}`,
	);
	const live = new Map<string, Map<string, Set<string | null>>>();
	for (const { pools, capabilities, digests } of rows)
		for (const pool of pools) {
			const known = live.get(pool) ?? new Map<string, Set<string | null>>();
			for (const capability of capabilities) known.set(capability, (known.get(capability) ?? new Set()).add(digests[capability] ?? null));
			live.set(pool, known);
		}
	return live;
}

/** Pauses, drains or resumes a worker that was not revoked. @throws {GlassworksError} not_found */
export async function orderWorker(session: Session, id: string, order: WorkerOrder): Promise<WorkerStatus> {
	const change = { pause: sql`paused = true`, drain: sql`draining = true`, resume: sql`paused = false, draining = false` }[order];
	const [worker] = await session.query<WorkerStatus>(
		sql`update workers set ${change} where id = ${id} and revoked_at is null returning ${columns}, ${running}`,
	);
	if (!worker) throw new GlassworksError("not_found", `No worker ${id}.`);
	return worker;
}

/** Running tasks of a worker that is gone lapse now instead of at the end of their lease. */
const lapse = (session: Session, workerId: string) =>
	session.query(sql`update tasks set lease_until = clock_timestamp() where worker_id = ${workerId} and status = 'running'`);

export function createWorkerStore(database: Database): WorkerStore {
	return {
		async create({ id, name, kind, pools, allowed, tokenHash }) {
			const [worker] = await database.query<Worker>(sql`insert into workers (id, name, kind, pools, allowed, token_hash)
				values (${id}, ${name}, ${kind}, ${pools}, ${allowed}, ${tokenHash}) returning ${columns}`);
			if (!worker) throw new Error("insert returned nothing");
			return worker;
		},
		async seen(id, { capabilities, traits = {}, digests = {}, loadedModel, slots, nodesDigest = null, trouble = null }) {
			const [worker] =
				await database.query<Worker>(sql`update workers set last_seen_at = clock_timestamp(), loaded_model = ${loadedModel}, slots = ${slots}, trouble = ${trouble},
				traits = ${json(traits)}::jsonb, digests = ${json(digests)}::jsonb,
				abilities = ${json(Object.fromEntries(Object.entries(traits).map(([capability, can]) => [capability, abilitiesOf(can)])))}::jsonb, nodes_digest = ${nodesDigest},
				capabilities = array(select c from unnest(${[...capabilities]}::text[]) c where allowed is null or c = any(allowed))
				where id = ${id} and revoked_at is null returning ${columns}`);
			if (!worker) throw new GlassworksError("unauthenticated", "This worker is unknown or its token was revoked.");
			return worker;
		},
		async findByTokenHash(tokenHash) {
			const [worker] = await database.query<Worker>(
				sql`select ${columns} from workers where token_hash = ${tokenHash} and revoked_at is null`,
			);
			return worker ?? null;
		},
		list: () => database.query<WorkerStatus>(sql`select ${columns}, ${running} from workers order by created_at, id`),
		revoke: (id) =>
			database.transaction(async (tx) => {
				const rows = await tx.query(
					sql`update workers set revoked_at = coalesce(revoked_at, now()) where id = ${id} and kind = 'remote' returning id`,
				);
				if (rows.length === 0) throw new GlassworksError("not_found", `No worker ${id}.`);
				await lapse(tx, id);
			}),
		remove: (id) =>
			database.transaction(async (tx) => {
				await lapse(tx, id);
				await tx.query(sql`delete from workers where id = ${id}`);
			}),
		live: (liveForMs) => liveCapabilities(database, liveForMs),
		shortfalls: async (needs, liveForMs) => (await readAble(database, needs, liveForMs)).map(({ shortfall }) => shortfall),
		digests: (liveForMs) => liveDigests(database, liveForMs),
	};
}
