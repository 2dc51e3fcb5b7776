import type { EngineRecord, EngineStore } from "../../domain/engines/engineStore.ts";
import { GlassworksError } from "../../domain/errors.ts";
import { type Database, json, sql } from "../sql.ts";

const columns = sql`id, kind, name, url, headers, settings, created_at as "createdAt"`;

export function createEngineStore(database: Database): EngineStore {
	return {
		async add({ id, kind, name, url, headers, settings }) {
			const [added] = await database.query<EngineRecord>(sql`insert into engines (id, kind, name, url, headers, settings)
				values (${id}, ${kind}, ${name}, ${url}, ${json(headers)}::jsonb, ${json(settings)}::jsonb) on conflict (url) do nothing returning ${columns}`);
			if (!added) throw new GlassworksError("engine_exists", `An engine at ${url} is registered already.`, { url });
			return added;
		},
		list: () => database.query<EngineRecord>(sql`select ${columns} from engines order by created_at, id`),
		async get(id) {
			const [engine] = await database.query<EngineRecord>(sql`select ${columns} from engines where id = ${id}`);
			if (!engine) throw new GlassworksError("not_found", `No engine ${id}.`);
			return engine;
		},
		async remove(id) {
			const rows = await database.query(sql`delete from engines where id = ${id} returning id`);
			if (rows.length === 0) throw new GlassworksError("not_found", `No engine ${id}.`);
		},
		hold: (holder, forMs) =>
			database.query<EngineRecord>(sql`update engines set holder = ${holder},
				held_until = clock_timestamp() + ${forMs}::float8 * interval '1 millisecond'
				where holder is null or holder = ${holder} or held_until < clock_timestamp() returning ${columns}`),
		async letGo(holder) {
			await database.query(sql`update engines set holder = null, held_until = null where holder = ${holder}`);
		},
	};
}
