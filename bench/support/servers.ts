import { randomUUID } from "node:crypto";
import pg from "pg";
import { openPostgres } from "../../tools/setup/postgres.ts";
import { openRedis } from "../../tools/setup/redis.ts";
import type { Resource } from "../../tools/setup/resource.ts";

/** The servers that tests use too: those named by TEST_DATABASE_URL and TEST_REDIS_URL, those that run here, or private ones. */
export const openServer = { postgres: () => needed(openPostgres()), redis: () => needed(openRedis()) };

async function needed(opening: Promise<Resource>): Promise<{ url: string; close(): Promise<void> }> {
	const resource = await opening;
	if (!resource.found) throw new Error(resource.why);
	return { url: resource.value, close: resource.close };
}

/** A database of its own on the server; `drop` removes it, whoever is still connected. */
export async function createDatabase(adminUrl: string): Promise<{ url: string; drop(): Promise<void> }> {
	const name = `glassworks_bench_${randomUUID().replaceAll("-", "")}`;
	await onServer(adminUrl, `create database ${name}`);
	const url = new URL(adminUrl);
	url.pathname = `/${name}`;
	return { url: url.href, drop: async () => void (await onServer(adminUrl, `drop database ${name} with (force)`)) };
}

/** One statement on a connection of its own. */
export async function onServer(url: string, statement: string): Promise<Record<string, unknown>[]> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	try {
		return (await client.query(statement)).rows;
	} finally {
		await client.end();
	}
}
