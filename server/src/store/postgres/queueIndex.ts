import { type Database, sql } from "../sql.ts";
import { keepFresh } from "./fresh.ts";

/** Waiting tasks of one capability and plan. */
export interface Share {
	capability: string;
	plan: string;
	count: number;
	/** Their predicted run time together. */
	ms: number;
}

/** All of them, and what only the whole line is asked. */
export interface WholeShare extends Share {
	/** Their tenants already make as many pictures at once as their plans allow. */
	capped: number;
	/** When the oldest of the others became ready, in Unix milliseconds; null: there are none. */
	oldestAt: number | null;
	/** How many of the others became ready within the last `recentMs`. */
	recent: number;
}

/** Ten minutes. */
export const recentMs = 600_000;

/** One pool's order at one instant, cut about every thousand tasks. */
export interface PoolIndex {
	asOf: Date;
	/** Order keys, rising; `upTo[i]` adds up every task whose key is at most `marks[i]`. */
	marks: readonly number[];
	upTo: readonly (readonly Share[])[];
	/** Every waiting task. */
	all: readonly WholeShare[];
}

export interface QueueIndex {
	of(pool: string): Promise<PoolIndex>;
}

/** Tasks between two marks; more in a line of more than 400 stretches, so that the snapshot stays small. */
const leastStretch = 1_000;
const mostMarks = 400;
const maxAgeMs = 1_000;
/** A thirtieth of one connection: 100,000 tasks are looked at every 3 s, a million every 30 s, and no line less often. */
const restShare = 30;
const mostAgeMs = 30_000;

/**
 * Ranks in a long queue without counting it: `count(*)` over a million tasks takes 100 ms, a snapshot of sums plus at most a stretch of
 * index entries less than one. Each process keeps its own, made anew only when somebody asks.
 */
export function createQueueIndex(database: Database): QueueIndex {
	const pools = new Map<string, () => Promise<PoolIndex>>();

	function openPool(pool: string): () => Promise<PoolIndex> {
		let waiting = 0;
		return keepFresh(
			async () => {
				const [row] = await database.query<Snapshot>(snapshotOf(pool, Math.max(leastStretch, Math.ceil(waiting / mostMarks))));
				const index = toIndex(row ?? { asOf: new Date(), stretches: null });
				waiting = index.all.reduce((sum, share) => sum + share.count, 0);
				return index;
			},
			maxAgeMs,
			restShare,
			mostAgeMs,
		);
	}

	return {
		of(pool) {
			const read = pools.get(pool) ?? openPool(pool);
			pools.set(pool, read);
			return read();
		},
	};
}

/** One capability and plan within a stretch, as the query writes it. */
type Cell = [
	stretch: number,
	lastKey: number,
	capability: string,
	plan: string,
	count: number,
	ms: number,
	capped: number,
	oldestAt: number | null,
	recent: number,
];

interface Snapshot {
	asOf: Date;
	/** JSON in one piece: thousands of rows would take the client longer than the database. */
	stretches: string | null;
}

/** Equal keys get equal ranks, so that no stretch ends among them. */
const snapshotOf = (pool: string, stretch: number) => sql`
	with cells as (
		select stretch, max(order_key) as last_key, capability, plan, count(*) as count, sum(predicted_ms) as ms,
			count(*) filter (where not claimable) as capped, (extract(epoch from min(ready_at) filter (where claimable)) * 1000)::bigint as oldest_at,
			count(*) filter (where claimable and ready_at > statement_timestamp() - ${recentMs}::float8 * interval '1 millisecond') as recent
		from (select capability, plan, predicted_ms, order_key, ready_at, claimable, (rank() over (order by order_key) - 1) / ${stretch}::int as stretch
			from tasks where pool = ${pool} and status = 'ready' and order_key > 0) as ranked
		group by stretch, capability, plan)
	select statement_timestamp() as "asOf",
		json_agg(json_build_array(stretch, last_key, capability, plan, count, ms, capped, oldest_at, recent) order by stretch)::text as stretches
	from cells`;

function toIndex({ asOf, stretches }: Snapshot): PoolIndex {
	const cells: Cell[] = stretches === null ? [] : JSON.parse(stretches);
	const marks: number[] = [];
	const upTo: Share[][] = [];
	let sums = new Map<string, WholeShare>();
	for (const group of Map.groupBy(cells, ([stretch]) => stretch).values()) {
		sums = new Map(sums);
		for (const cell of group) {
			const [, , capability, plan] = cell;
			const name = `${capability} ${plan}`;
			sums.set(name, addTo(sums.get(name), cell));
		}
		marks.push(Math.max(...group.map(([, lastKey]) => lastKey)));
		upTo.push([...sums.values()]);
	}
	return { asOf, marks, upTo, all: [...sums.values()] };
}

function addTo(before: WholeShare | undefined, [, , capability, plan, count, ms, capped, oldestAt, recent]: Cell): WholeShare {
	const oldest = [before?.oldestAt, oldestAt].filter((at) => at !== null && at !== undefined);
	return {
		capability,
		plan,
		count: count + (before?.count ?? 0),
		ms: ms + (before?.ms ?? 0),
		capped: capped + (before?.capped ?? 0),
		oldestAt: oldest.length > 0 ? Math.min(...oldest) : null,
		recent: recent + (before?.recent ?? 0),
	};
}
