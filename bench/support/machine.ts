import os from "node:os";
import { Redis } from "ioredis";
import { onServer } from "./servers.ts";

export function describeHardware(): string {
	const cpu = os.cpus()[0]?.model.trim() ?? "unknown CPU";
	const memoryGiB = Math.round(os.totalmem() / 2 ** 30);
	const load = (os.loadavg()[0] ?? 0).toFixed(2);
	return `${cpu}, ${os.availableParallelism()} cores, ${memoryGiB} GiB, ${os.platform()} ${os.arch()}, Node ${process.versions.node}, load ${load} at the start`;
}

/** What the figures depend on, in one line each. */
export async function describeMachine(servers: { postgresUrl: string; redisUrl: string | null }): Promise<string[]> {
	const lines = [describeHardware(), await describePostgres(servers.postgresUrl)];
	if (servers.redisUrl) lines.push(await describeRedis(servers.redisUrl));
	return lines;
}

async function describePostgres(url: string): Promise<string> {
	const [row] = await onServer(
		url,
		`select split_part(current_setting('server_version'), ' ', 1) as version,
			(select string_agg(name || ' ' || current_setting(name), ', ') from unnest(array['fsync', 'synchronous_commit', 'shared_buffers', 'autovacuum']) name) as settings`,
	);
	return `PostgreSQL ${row?.version}: ${row?.settings}`;
}

async function describeRedis(url: string): Promise<string> {
	const redis = new Redis(url);
	try {
		const version = /redis_version:(\S+)/.exec(await redis.info("server"))?.[1];
		const [, save = ""] = (await redis.config("GET", "save")) as string[];
		const [, appendonly = ""] = (await redis.config("GET", "appendonly")) as string[];
		return `Redis ${version}: snapshots ${save === "" ? "off" : save}, append-only file ${appendonly}`;
	} finally {
		redis.disconnect();
	}
}
