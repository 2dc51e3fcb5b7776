import { type Workflow, workflow } from "../../domain/workflows/workflow.ts";
import { type Session, sql } from "../sql.ts";

/** Reads one version of a workflow; inside a transaction, in that transaction. Null: there is none. */
export type ReadWorkflow = (session: Session, id: string, version: number) => Promise<Workflow | null>;

/** Characters of JSON kept, all together: a version never changes, so what is kept is never stale. */
const mostCharacters = 32_000_000;

/** Those that ship from memory, the rest from the database, of which the last used stay in memory. */
export function createWorkflowReader(shipped: readonly Workflow[]): ReadWorkflow {
	const kept = new Map<string, { found: Workflow; characters: number }>();
	let characters = 0;

	function keep(key: string, entry: { found: Workflow; characters: number }): void {
		characters += entry.characters - (kept.get(key)?.characters ?? 0);
		kept.delete(key);
		kept.set(key, entry);
		for (const [oldest, { characters: freed }] of kept) {
			if (characters <= mostCharacters || oldest === key) return;
			kept.delete(oldest);
			characters -= freed;
		}
	}

	return async (session, id, version) => {
		const ships = shipped.find((entry) => entry.slug === id && entry.version === version);
		if (ships) return ships;
		const key = `${id}:${version}`;
		const known = kept.get(key);
		if (known) {
			keep(key, known);
			return known.found;
		}
		const [row] = await session.query<{ slug: string; content: string }>(sql`select w.slug, v.content::text as content
			from workflow_versions v join workflows w on w.id = v.workflow_id where v.workflow_id = ${id} and v.version = ${version}`);
		if (!row) return null;
		const found = workflow.parse({ ...JSON.parse(row.content), slug: row.slug, version });
		keep(key, { found, characters: row.content.length });
		return found;
	};
}
