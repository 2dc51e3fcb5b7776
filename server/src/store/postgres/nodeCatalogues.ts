import type { NodeStore } from "../../domain/engines/engineStore.ts";
import { type NodeCatalogue, readNodeCatalogue } from "../../domain/engines/nodeCatalogue.ts";
import type { JsonObject } from "../../domain/json.ts";
import { graphParts } from "../../domain/workflows/comfy/graphNeeds.ts";
import { type Database, json, sql } from "../sql.ts";
import { isLive } from "./isLive.ts";

/** Descriptions that no worker has named for this long are forgotten. */
const keptFor = sql`interval '30 days'`;

export function createNodeStore(database: Database, liveForMs: number): NodeStore {
	// Reading one takes tens of milliseconds at some 5 MB: what was read is kept as long as live workers have it.
	let known = new Map<string, NodeCatalogue>();

	async function read(digest: string): Promise<NodeCatalogue> {
		const [row] = await database.query<{ nodes: JsonObject }>(sql`select nodes from node_catalogues where digest = ${digest}`);
		return readNodeCatalogue(row?.nodes ?? {});
	}

	return {
		async has(digest) {
			return (await database.query(sql`select 1 from node_catalogues where digest = ${digest} and parts is not null`)).length > 0;
		},
		async put(digest, nodes) {
			const parts = Object.fromEntries(graphParts(readNodeCatalogue(nodes)).map((part) => [part, true]));
			await database.query(sql`insert into node_catalogues (digest, nodes, parts) values (${digest}, ${json(nodes)}::jsonb, ${json(parts)}::jsonb)
				on conflict (digest) do update set parts = excluded.parts`);
			await database.query(sql`delete from node_catalogues c where created_at < clock_timestamp() - ${keptFor}
				and not exists (select 1 from workers w where w.nodes_digest = c.digest)`);
		},
		async catalogue() {
			const rows = await database.query<{ digest: string }>(
				sql`select distinct nodes_digest as digest from workers where nodes_digest is not null and ${isLive(liveForMs)} order by 1`,
			);
			if (rows.length === 0) return null;
			const found = await Promise.all(rows.map(async ({ digest }) => [digest, known.get(digest) ?? (await read(digest))] as const));
			known = new Map(found);
			return merge([...known.values()]);
		},
	};
}

/** A class that several have: the choices of all of them. */
function merge(catalogues: readonly NodeCatalogue[]): NodeCatalogue {
	const [first, ...others] = catalogues;
	if (!first || others.length === 0) return first ?? new Map();
	const merged = new Map(first);
	for (const catalogue of others)
		for (const [name, node] of catalogue) {
			const before = merged.get(name);
			if (!before) {
				merged.set(name, node);
				continue;
			}
			const options = new Map(node.inputs.map((input) => [input.name, input.options]));
			const inputs = before.inputs.map((input) => {
				const more = options.get(input.name);
				return input.options && more ? { ...input, options: [...new Set([...input.options, ...more])] } : input;
			});
			merged.set(name, { ...before, inputs });
		}
	return merged;
}
