import pg from "pg";
import { copyRows } from "./copyRows.ts";

/** Copies a finished one-picture job so many times, a minute apart, as if all had been made. Their bytes are the first one's. */
export async function copyPictures(databaseUrl: string, jobId: string, copies: number): Promise<void> {
	const client = new pg.Client({ connectionString: databaseUrl });
	await client.connect();
	try {
		const at = (column: string) => `t.${column} - n * interval '1 minute'`;
		const id = `'job_copy_' || n`;
		await copyRows(client, "jobs", `t.id = '${jobId}'`, copies, { id, created_at: at("created_at"), finished_at: at("finished_at") });
		await copyRows(client, "image_runs", `t.job_id = '${jobId}'`, copies, { job_id: id, made_at: at("made_at") });
		await copyRows(client, "tasks", `t.job_id = '${jobId}'`, copies, { job_id: id });
	} finally {
		await client.end();
	}
}
