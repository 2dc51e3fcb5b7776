import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import type { JobStore } from "../../src/domain/jobs/jobStore.ts";
import type { Workflow } from "../../src/domain/workflows/workflow.ts";
import { migrate } from "../../src/store/migrate.ts";
import { openDatabase } from "../../src/store/openDatabase.ts";
import { openStores, type Stores } from "../../src/store/openStores.ts";
import type { Database } from "../../src/store/sql.ts";
import { placeEmbeddedDatabase } from "./embeddedTemplate.ts";

/** A PostgreSQL server on which databases may be created; empty: tests that need one are skipped. */
export const adminUrl = process.env.TEST_DATABASE_URL ?? "";

export interface TestStores extends Stores {
	database: Database;
	/** The same jobs, handed out with leases that lapse after a millisecond. */
	lapsing: JobStore;
	/** Closes the database and removes it. */
	close(): Promise<void>;
}

export const storeKinds = [
	{ name: "embedded", present: true, open: openEmbedded },
	{ name: "PostgreSQL", present: adminUrl !== "", open: openServer },
];

const log = { info() {}, warn() {}, error() {} };

/** PGlite in a folder of its own. */
async function openEmbedded(workflows: readonly Workflow[]): Promise<TestStores> {
	const dataDir = await mkdtemp(path.join(os.tmpdir(), "glassworks-stores-"));
	await placeEmbeddedDatabase(dataDir);
	const database = await openDatabase({ databaseUrl: null, dataDir, log });
	return migrated(database, workflows, () => rm(dataDir, { recursive: true, force: true }));
}

async function openServer(workflows: readonly Workflow[]): Promise<TestStores> {
	const { url, drop } = await createDatabase();
	return migrated(await openDatabase({ databaseUrl: url, dataDir: "", log }), workflows, drop);
}

/** A database of its own on the server. */
export async function createDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
	const name = `glassworks_test_${crypto.randomUUID().replaceAll("-", "")}`;
	await onServer(`create database ${name}`);
	const url = new URL(adminUrl);
	url.pathname = `/${name}`;
	return { url: url.href, drop: () => onServer(`drop database ${name} with (force)`) };
}

async function onServer(statement: string): Promise<void> {
	const client = new pg.Client({ connectionString: adminUrl });
	await client.connect();
	try {
		await client.query(statement);
	} finally {
		await client.end();
	}
}

async function migrated(database: Database, workflows: readonly Workflow[], remove: () => Promise<void>): Promise<TestStores> {
	const close = async () => {
		await database.close();
		await remove();
	};
	try {
		await migrate(database);
		const options = { workflows, liveForMs: 600_000, pools: [] };
		const stores = await openStores(database, { ...options, leaseMs: 600_000 });
		const { jobs: lapsing } = await openStores(database, { ...options, leaseMs: 1 });
		return { ...stores, database, lapsing, close };
	} catch (error) {
		await close();
		throw error;
	}
}
