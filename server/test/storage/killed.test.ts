import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSweeper } from "../../src/domain/storage/sweepStorage.ts";
import { createFsBlobs } from "../../src/store/blobs/fsBlobs.ts";
import { migrate } from "../../src/store/migrate.ts";
import { openDatabase } from "../../src/store/openDatabase.ts";
import { createBlobIndex } from "../../src/store/postgres/blobIndex.ts";
import { createPictureStore } from "../../src/store/postgres/deletePictures.ts";
import { type Database, sql } from "../../src/store/sql.ts";
import { adminUrl, createDatabase } from "../support/testStores.ts";
import { until } from "../support/until.ts";

const log = { info() {}, warn() {}, error() {} };
const source = (file: string) => JSON.stringify(path.resolve(import.meta.dirname, "../../src", file));

/** Stores pictures, refers to some, deletes some and sweeps, until it is killed. Says what it refers to once that is committed. */
const program = `
	import { createFsBlobs } from ${source("store/blobs/fsBlobs.ts")};
	import { createAnnouncedBlobs } from ${source("store/blobs/announcedBlobs.ts")};
	import { openDatabase } from ${source("store/openDatabase.ts")};
	import { createBlobIndex } from ${source("store/postgres/blobIndex.ts")};
	import { createPictureStore } from ${source("store/postgres/deletePictures.ts")};
	import { createAssetStore } from ${source("store/postgres/assets.ts")};
	import { createSweeper } from ${source("domain/storage/sweepStorage.ts")};
	const [databaseUrl, folder, name] = process.argv.slice(1);
	const log = { info() {}, warn() {}, error() {} };
	const database = await openDatabase({ databaseUrl, dataDir: "", log });
	const kept = createFsBlobs(folder);
	const index = createBlobIndex(database);
	const pictures = createPictureStore(database);
	const assets = createAssetStore(database);
	const blobs = createAnnouncedBlobs(kept, index, 50);
	const sweeper = createSweeper({ index, pictures, blobs: kept, log }, -1000);
	const sweep = async () => { for (;;) await sweeper.run(); };
	const write = async (lane) => {
		for (let round = 0; ; round++) {
			// Half of them are the same for every process.
			const bytes = Buffer.from(round % 2 ? "shared " + (round % 6) : name + lane + " " + round);
			const id = "asset_" + name + lane + "_" + round;
			try {
				const { sha256 } = await blobs.put("owner", bytes);
				await assets.create({ id, tenantId: "owner", picture: { sha256, mediaType: "image/png", widthPx: 1, heightPx: 1, bytes: bytes.length } });
				process.stdout.write("kept " + id + "\\n");
				if (round % 3 === 0) await pictures.deleteAsset("owner", id);
			} catch (error) {
				if (error.code !== "unavailable") throw error;
			}
		}
	};
	await Promise.all([sweep(), ...[0, 1, 2, 3].map(write)]);
`;

const busy = sql`select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle' and backend_type = 'client backend'`;

describe.skipIf(adminUrl === "")("storage and kill -9", { timeout: 200_000 }, () => {
	let created: Awaited<ReturnType<typeof createDatabase>>;
	let database: Database;
	let folder: string;
	const children: ChildProcess[] = [];

	beforeAll(async () => {
		created = await createDatabase();
		database = await openDatabase({ databaseUrl: created.url, dataDir: "", log });
		await migrate(database);
		await database.query(sql`insert into tenants (id, name, plan) values ('owner', 'owner', 'owner') on conflict do nothing`);
		folder = await mkdtemp(path.join(os.tmpdir(), "glassworks-killed-"));
	}, 200_000);
	afterAll(async () => {
		for (const child of children) child.kill("SIGKILL");
		await database?.close();
		await created?.drop();
		await rm(folder, { recursive: true, force: true });
	}, 60_000);

	test("two processes store, delete and sweep the same pictures and are killed again and again: what is referred to is there, the rest goes", async () => {
		for (let life = 0; life < 3; life++) {
			const pair = ["a", "b"].map((name) => {
				const child = spawn(process.execPath, ["--input-type=module", "-e", program, created.url, folder, `${name}${life}`], {
					stdio: ["ignore", "pipe", "inherit"],
				});
				children.push(child);
				let kept = 0;
				child.stdout.on("data", (chunk: Buffer) => {
					kept += chunk.toString().split("\n").length - 1;
				});
				return { child, kept: () => kept };
			});
			await until(async () => pair.every(({ kept }) => kept() > 25), 120_000);
			for (const { child } of pair) {
				const ended = new Promise((resolve) => child.once("exit", resolve));
				child.kill("SIGKILL");
				await ended;
			}
			// The database still ends what it was sent before their death.
			await until(async () => (await database.query(busy)).length === 0, 60_000);
			const blobs = createFsBlobs(folder);
			const wanted = await database.query<{ sha256: string }>(
				sql`select distinct picture->>'sha256' as sha256 from assets where deleted_at is null and tenant_id = 'owner'`,
			);
			for (const { sha256 } of wanted) await blobs.get("owner", sha256);
			// As if the hour had passed in which somebody could still come back.
			await database.query(sql`update blobs set removing_until = now() - interval '1 second' where removing_until is not null`);
			await database.query(sql`update blobs set kept_until = now() - interval '1 second' where kept_until is not null`);
			await createSweeper({ index: createBlobIndex(database), pictures: createPictureStore(database), blobs, log }, -1_000).runWhole();
			const stored: string[] = [];
			for await (const { sha256 } of blobs.list()) stored.push(sha256);
			expect(stored.sort()).toEqual(wanted.map(({ sha256 }) => sha256).sort());
		}
	});
});
