import { type Database, sql } from "../sql.ts";

/** Waiting tasks of one capability and plan. */
export interface Share {
	capability: string;
	plan: string;
	count: number;
	/** Their predicted run time together. */
	ms: number;
}

/** One pool's order at one instant, cut about every thousand tasks. */
export interface PoolIndex {
	asOf: Date;
	/** Order keys, rising; `upTo[i]` adds up every task whose key is at most `marks[i]`. */
	marks: readonly number[];
	upTo: readonly (readonly Share[])[];
	/** Every waiting task. */
	all: readonly Share[];
}

export interface QueueIndex {
	of(pool: string): Promise<PoolIndex>;
}

const stretch = 1_000;
/** Looked at again after a second, or after ten times what looking took: a tenth of one connection at most. */
const maxAgeMs = 1_000;
const restShare = 10;
/** Older than this it is not used: whoever asks waits for the new one. */
const tooOldMs = 30_000;

/**
 * Ranks in a long queue without counting it: `count(*)` over a million tasks takes 100 ms, a snapshot of sums plus at most a stretch of
 * index entries 0.2 ms. Each process keeps its own, made anew only when somebody asks. Nobody waits for it but the first.
 */
export function createQueueIndex(database: Database): QueueIndex {
	const pools = new Map<string, { index: PoolIndex; builtAt: number; buildMs: number }>();
	const building = new Map<string, Promise<PoolIndex>>();

	async function build(pool: string): Promise<PoolIndex> {
		const startedAt = performance.now();
		try {
			const index = toIndex(await database.query<Stretch>(stretchesOf(pool)));
			const builtAt = performance.now();
			pools.set(pool, { index, builtAt, buildMs: builtAt - startedAt });
			return index;
		} finally {
			building.delete(pool);
		}
	}

	return {
		async of(pool) {
			const kept = pools.get(pool);
			const ageMs = kept ? performance.now() - kept.builtAt : Number.POSITIVE_INFINITY;
			if (kept && ageMs < Math.max(maxAgeMs, restShare * kept.buildMs)) return kept.index;
			const next = building.get(pool) ?? build(pool);
			building.set(pool, next);
			if (!kept || ageMs > tooOldMs) return next;
			next.catch(() => {});
			return kept.index;
		},
	};
}

/** One capability and plan within a stretch. */
interface Stretch extends Share {
	bucket: number;
	lastKey: number;
	asOf: Date;
}

/** Equal keys get equal ranks, so that no stretch ends among them. */
const stretchesOf = (pool: string) => sql`select bucket, capability, plan, count(*)::int as count, sum(predicted_ms)::float8 as ms,
		max(order_key) as "lastKey", statement_timestamp() as "asOf"
	from (select capability, plan, predicted_ms, order_key, (rank() over (order by order_key) - 1) / ${stretch}::int as bucket
		from tasks where pool = ${pool} and status = 'ready' and order_key > 0) as ranked
	group by bucket, capability, plan order by bucket`;

function toIndex(rows: readonly Stretch[]): PoolIndex {
	const marks: number[] = [];
	const upTo: Share[][] = [];
	let sums = new Map<string, Share>();
	for (const group of Map.groupBy(rows, (row) => row.bucket).values()) {
		sums = new Map(sums);
		for (const { capability, plan, count, ms } of group) {
			const name = `${capability} ${plan}`;
			const before = sums.get(name);
			sums.set(name, { capability, plan, count: count + (before?.count ?? 0), ms: ms + (before?.ms ?? 0) });
		}
		marks.push(Math.max(...group.map((row) => row.lastKey)));
		upTo.push([...sums.values()]);
	}
	return { asOf: rows[0]?.asOf ?? new Date(), marks, upTo, all: [...sums.values()] };
}
