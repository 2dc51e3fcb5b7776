import pg from "pg";

/**
 * Copies a finished one-picture job so many times, a minute apart, as if all had been made; for lists that are to be long. Their bytes are the
 * first one's. Triggers are left out, so nothing of it is counted.
 */
export async function copyPictures(databaseUrl: string, jobId: string, copies: number): Promise<void> {
	const client = new pg.Client({ connectionString: databaseUrl });
	await client.connect();
	const copy = async (table: string, changes: Record<string, string>) => {
		const { rows } = await client.query<{ name: string }>(
			`select column_name as name from information_schema.columns
			where table_schema = 'public' and table_name = $1 and is_identity = 'NO' and is_generated = 'NEVER' order by ordinal_position`,
			[table],
		);
		const names = rows.map(({ name }) => `"${name}"`).join(", ");
		const values = rows.map(({ name }) => changes[name] ?? `t."${name}"`).join(", ");
		const key = table === "jobs" ? "id" : "job_id";
		await client.query(`alter table ${table} disable trigger user`);
		await client.query(
			`insert into ${table} (${names}) select ${values} from ${table} t, generate_series(1, ${copies}) n where t.${key} = '${jobId}' order by n`,
		);
		await client.query(`alter table ${table} enable trigger user`);
	};
	try {
		const at = (column: string) => `t.${column} - n * interval '1 minute'`;
		const id = `'job_copy_' || n`;
		await copy("jobs", { id, created_at: at("created_at"), finished_at: at("finished_at") });
		await copy("image_runs", { job_id: id, made_at: at("made_at") });
		await copy("tasks", { job_id: id });
	} finally {
		await client.end();
	}
}
