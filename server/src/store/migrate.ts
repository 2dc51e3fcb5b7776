import { readdir, readFile } from "node:fs/promises";
import { type Database, sql } from "./sql.ts";

const folder = new URL("../../migrations/", import.meta.url);

/** Brings the schema up to date: forward only, one transaction a file, one migrator at a time. Returns what it applied. */
export async function migrate(database: Database): Promise<string[]> {
	const names = (await readdir(folder)).filter((name) => /^\d{4}_.*\.sql$/.test(name)).sort();
	const texts = new Map(await Promise.all(names.map(async (name) => [name, await readFile(new URL(name, folder), "utf8")] as const)));
	return database.transaction(async (tx) => {
		await tx.query(sql`select pg_advisory_xact_lock(7260001)`);
		await tx.query(sql`create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())`);
		const applied = new Set((await tx.query<{ name: string }>(sql`select name from migrations`)).map((row) => row.name));
		const missing = names.filter((name) => !applied.has(name));
		for (const name of missing) {
			await database.script(tx, texts.get(name) ?? "");
			await tx.query(sql`insert into migrations (name) values (${name})`);
		}
		return missing;
	});
}
