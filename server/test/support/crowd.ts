import pg from "pg";
import type { JobBody } from "../../src/contract/job.ts";
import { type Call, finished } from "../http/call.ts";
import { copyRows } from "./copyRows.ts";
import { copyPictures } from "./manyPictures.ts";

const rows = 10_000;
const small = { steps: 2, width: 64, height: 64, upscale: false, restore_faces: false };
/** A prompt as people paste them, with a word that no line has room for. */
const longPrompt = `${"a red fox in a misty forest at dawn, soft light, ".repeat(12)}Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft`;

/** Fills an account and its server as years of use would: ten thousand of whatever is listed without a bound, long names among them. */
export async function crowd(databaseUrl: string, call: Call, key: string): Promise<{ job: string; batch: string }> {
	const made = async (path: string, body: object) => {
		const answer = await call("POST", `/api/v1/${path}`, { body });
		if (answer.status >= 300) throw new Error(`${path} answered ${answer.status}: ${answer.text}`);
		return answer.body;
	};
	const fox = (await finished(call, key, await made("generations", { ...small, prompt: longPrompt }))) as unknown as JobBody;
	for (let n = 0; n < 30; n++) await made("boards", { name: `Board ${n} of Rindfleischetikettierungsüberwachungsaufgaben` });
	const batch = await made("batches", {
		name: "Herbstkatalog: Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz",
		defaults: small,
		items: [{ prompt: longPrompt }, { prompt: "a boat" }],
		at: new Date(Date.now() + 86_400_000).toISOString(),
	});
	for (let n = 0; n < 40; n++)
		await made("generations", { ...small, prompt: longPrompt, run_after: new Date(Date.now() + 3_600_000).toISOString() });
	const { id: tenant } = await made("tenants", { name: "Bezirksschornsteinfegermeisterinnung", plan: "free" });
	const { id: worker } = (await made("workers", { name: "Rechenzentrum Süd, Schrank 14, Einschub 3", pools: ["gpu"] })).worker;
	await copyPictures(databaseUrl, fox.id, rows);
	const client = new pg.Client({ connectionString: databaseUrl });
	await client.connect();
	try {
		const id = "t.id || '_' || n";
		await copyRows(client, "tenants", `t.id = '${tenant}'`, rows, { id, name: "t.name || ' ' || n", deletion_id: "null" });
		await copyRows(client, "workers", `t.id = '${worker}'`, 300, { id, token_hash: id, last_seen_at: "now()" });
		await copyRows(client, "batches", `t.id = '${batch.id}'`, rows, {
			id,
			state: "'completed'",
			finished_at: "now()",
			name: "t.name || ' ' || n",
		});
		await copyRows(client, "batch_items", `t.batch_id = '${batch.id}' and t.index = 0`, rows, { index: "n + 1", place: "n + 1" });
		await client.query(`update batches set items = ${rows + 2}, pictures = ${rows + 2} where id = '${batch.id}'`);
		const [first] = (await client.query<{ id: string }>("select id from api_keys limit 1")).rows;
		await copyRows(client, "api_keys", `t.id = '${first?.id}'`, rows, {
			id,
			secret_hash: id,
			name: "'Schlüssel der Buchhaltungsabteilung Nr. ' || n",
		});
		await copyRows(client, "audit_entries", "t.id = (select min(id) from audit_entries)", rows, {});
	} finally {
		await client.end();
	}
	return { job: fox.id, batch: batch.id };
}
