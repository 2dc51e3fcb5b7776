// `node tools/node24.js bench/gallery/gallery.ts [--pictures 100000]`: how fast the gallery is read and searched, on both databases, and how
// long filling it in takes (the migration).
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { PictureFilter } from "../../server/src/domain/gallery/gallery.ts";
import type { Stores } from "../../server/src/store/openStores.ts";
import { type Database, sql } from "../../server/src/store/sql.ts";
import { openBenchStores } from "../support/benchStores.ts";
import { describeMachine } from "../support/machine.ts";
import { createDatabase, openServer } from "../support/servers.ts";
import { median, round, timeMs } from "../support/statistics.ts";
import { printTable } from "../support/table.ts";
import { withCleanUp } from "../support/withCleanUp.ts";

const { values } = parseArgs({ options: { pictures: { type: "string", default: "100000" } } });
const pictures = Number(values.pictures);
const tenantId = "ten_1";
const anything: PictureFilter = { words: null, starred: null, board: null, model: null };
const all = { limit: 100, before: null };

/** One account has all but a tenth. Prompts of eight words: `painting` in each, `fox` in one of fifty, `okapi` in ten, others at random; Japanese in a quarter. */
async function fill(database: Database): Promise<void> {
	await database.query(sql`insert into tenants (id, name, plan) select 'ten_' || n, 'Tenant', 'pro' from generate_series(1, 2) n`);
	// Only what fills in the gallery is measured.
	await database.query(sql`alter table jobs disable trigger user`);
	await database.query(sql`alter table image_runs disable trigger user`);
	await database.query(sql`alter table image_runs enable trigger image_runs_gallery`);
	const rows = sql`from generate_series(1, ${pictures}::int) n`;
	const whose = sql`'ten_' || case when n % 10 = 0 then 2 else 1 end`;
	const word = sql`' w' || (random() * 20000)::int`;
	const sign = sql`chr(19968 + (random() * 3000)::int)`;
	await database.query(sql`insert into jobs (id, tenant_id, status, workflow, workflow_version, model, plan, weight, request, metadata, quote,
			held_micro_usd, created_at, finished_at)
		select 'job_' || n, ${whose}, 'succeeded', 'picture', 1, case when n % 1000 = 7 then 'rare' else 'model_' || n % 3 end, 'pro', 3,
			jsonb_build_object('prompt', 'a painting of' || case when n % 50 = 1 then ' a fox' else '' end
				|| case when n % (${pictures}::int / 10) = 3 then ' an okapi' else '' end || ${word} || ${word} || ${word} || ${word} || ${word}
				|| case when n % 4 = 1 then ' 夜の東京タワーと' || ${sign} || ${sign} || ${sign} || ${sign} || '赤い光' else '' end
				|| case when n % (${pictures}::int / 10) = 5 then ' 森の狐火' else '' end),
			'{}', '{}', 0, now() - n * interval '1 minute', now() - n * interval '1 minute' ${rows}`);
	await database.query(
		sql`insert into image_runs (job_id, index, tenant_id, seed, status) select 'job_' || n, 0, ${whose}, 1, 'pending' ${rows}`,
	);
}

async function read(name: string, { gallery }: Stores, filter: Partial<PictureFilter>, before: string | null = null): Promise<string[]> {
	const times: number[] = [];
	let found = 0;
	for (let n = 0; n < 7; n++)
		times.push(
			await timeMs(async () => {
				found = (await gallery.list(tenantId, { ...anything, ...filter }, { ...all, before })).pictures.length;
			}),
		);
	return [name, String(found), round(median(times)), round(Math.max(...times))];
}

async function measure(database: Database, stores: Stores): Promise<void> {
	await fill(database);
	const fillMs = await timeMs(() => database.query(sql`update image_runs set status = 'succeeded'`));
	await database.query(sql`update image_runs r set made_at = j.created_at from jobs j where j.id = r.job_id`);
	await database.query(
		sql`update image_runs set starred_at = now() where job_id in (select 'job_' || n * 400 + 1 from generate_series(1, 200) n)`,
	);
	const board = await stores.gallery.createBoard({ id: "board_1", tenantId, name: "Foxes" });
	await database.query(sql`insert into board_pictures (board_id, job_id, n, tenant_id)
		select ${board.id}, job_id, index, tenant_id from image_runs where tenant_id = ${tenantId} order by made_at limit 2000`);
	await database.query(sql`vacuum analyze`);
	console.log(`${pictures} pictures ended in ${round(fillMs / 1_000)} s`);
	const cursor = `${Math.round((Date.now() - pictures * 55_000) * 1_000)}.job_0.0`;
	const rows = [["what", "found", "ms, median", "ms, worst"]];
	rows.push(await read("newest", stores, {}));
	rows.push(await read("deep", stores, {}, cursor));
	for (const words of ["painting", "fox", "okapi", "painting okapi", "fox okapi", "w12", "nothing", "京タ", "狐火"])
		rows.push(await read(`"${words}"`, stores, { words }));
	rows.push(await read("starred", stores, { starred: true }));
	rows.push(await read("of a board", stores, { board: board.id }));
	rows.push(await read("a model of one in a thousand", stores, { model: "rare" }));
	printTable(rows);
}

await withCleanUp(async (later) => {
	const server = await openServer.postgres();
	later(() => server.close());
	const { url, drop } = await createDatabase(server.url);
	later(drop);
	for (const line of await describeMachine({ postgresUrl: url, redisUrl: null })) console.log(line);
	const dataDir = await mkdtemp(path.join(os.tmpdir(), "glassworks-bench-"));
	later(() => rm(dataDir, { recursive: true, force: true }));
	for (const place of [
		{ databaseUrl: url, dataDir: "" },
		{ databaseUrl: null, dataDir },
	]) {
		console.log(place.databaseUrl ? "PostgreSQL" : "embedded");
		const { database, stores } = await openBenchStores(place, ["gpu"]);
		await measure(database, stores);
		await database.close();
	}
});
