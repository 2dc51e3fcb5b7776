import type { Need, Shortfall } from "../../domain/jobs/shortfall.ts";
import { type Database, json, type Session, sql } from "../sql.ts";
import { isLive } from "./isLive.ts";

export interface Able {
	/** Live workers that take work and can run it. */
	workers: string[];
	/** Set when there is none. */
	shortfall: Shortfall | null;
}

interface Row extends Omit<Able, "shortfall"> {
	inPool: boolean;
	hasModel: boolean;
	lacking: string[];
}

/** Who could run each of these, or what keeps everybody from it. */
export async function readAble(session: Session | Database, needs: readonly Need[], liveForMs: number): Promise<Able[]> {
	if (needs.length === 0) return [];
	const asked = needs.map(({ pool, capability, requires = null }, at) => ({ at, pool, capability, requires }));
	const rows = await session.query<Row>(sql`
		with taking as materialized (select w.id, w.pools, w.capabilities, abilities_of(w) as can
			from workers w where ${isLive(liveForMs)} and not paused and not draining),
		asked as (select * from jsonb_to_recordset(${json(asked)}::jsonb) as a(at int, pool text, capability text, requires jsonb))
		select exists (select 1 from taking w where a.pool = any(w.pools)) as "inPool",
			exists (select 1 from taking w where a.pool = any(w.pools) and a.capability = any(w.capabilities)) as "hasModel",
			array(select w.id from taking w where a.pool = any(w.pools) and a.capability = any(w.capabilities)
				and (a.requires is null or fits(w.can->a.capability, a.requires)) order by w.id) as workers,
			array(select r from jsonb_array_elements_text(coalesce(a.requires, '[]')) r
				where not exists (select 1 from taking w where a.pool = any(w.pools) and a.capability = any(w.capabilities)
					and coalesce(w.can->a.capability ? r, false))) as lacking
		from asked a order by a.at`);
	return rows.map(({ workers, inPool, hasModel, lacking }) => {
		if (workers.length > 0) return { workers, shortfall: null };
		const missing = !inPool ? "worker" : !hasModel ? "model" : "ability";
		return { workers, shortfall: { missing, lacking: missing === "ability" ? lacking : [] } };
	});
}
