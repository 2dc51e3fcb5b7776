import type pg from "pg";

/**
 * Copies rows of a table so many times; `changes` are SQL by column, with `t` the row and `n` from 1. Triggers are left out, so nothing of it is
 * counted: for lists that are to be long.
 */
export async function copyRows(
	client: pg.Client,
	table: string,
	which: string,
	copies: number,
	changes: Record<string, string>,
): Promise<void> {
	const { rows } = await client.query<{ name: string }>(
		`select column_name as name from information_schema.columns
		where table_schema = 'public' and table_name = $1 and is_identity = 'NO' and is_generated = 'NEVER' order by ordinal_position`,
		[table],
	);
	const names = rows.map(({ name }) => `"${name}"`).join(", ");
	const values = rows.map(({ name }) => changes[name] ?? `t."${name}"`).join(", ");
	await client.query(`alter table ${table} disable trigger user`);
	await client.query(
		`insert into ${table} (${names}) select ${values} from ${table} t, generate_series(1, ${copies}) n where ${which} order by n`,
	);
	await client.query(`alter table ${table} enable trigger user`);
}
