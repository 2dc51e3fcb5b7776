import { randomInt } from "node:crypto";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { type KillOutcome, runKillRounds } from "./killRounds.ts";

const adminUrl = process.env.TEST_DATABASE_URL ?? "";
const rounds = Number(process.env.GLASSWORKS_KILL_ROUNDS ?? 2);
const seed = Number(process.env.GLASSWORKS_KILL_SEED ?? randomInt(2 ** 31));
const jobsPerRound = 10;
const timeoutMs = 180_000 + rounds * 20_000;

function report(store: string, { problems: _problems, ...numbers }: KillOutcome): void {
	console.log(`${store}: ${rounds} kills, GLASSWORKS_KILL_SEED=${seed}, ${JSON.stringify(numbers)}`);
}

describe("a server that is killed with SIGKILL again and again", () => {
	test("ends every job of the embedded database once and charges it once", { timeout: timeoutMs }, async () => {
		console.log(`GLASSWORKS_KILL_SEED=${seed}`);
		const outcome = await runKillRounds({ databaseUrl: null, rounds, jobsPerRound, seed });
		report("embedded", outcome);
		expect(outcome.problems).toEqual([]);
		expect(outcome.jobs).toBe(rounds * jobsPerRound);
	});
});

describe.skipIf(adminUrl === "")("an API and a worker on PostgreSQL that are killed with SIGKILL again and again", () => {
	test("end every job once and charge it once", { timeout: timeoutMs }, async () => {
		console.log(`GLASSWORKS_KILL_SEED=${seed}`);
		const outcome = await onFreshDatabase((databaseUrl) => runKillRounds({ databaseUrl, rounds, jobsPerRound, seed }));
		report("PostgreSQL", outcome);
		expect(outcome.problems).toEqual([]);
		expect(outcome.jobs).toBe(rounds * jobsPerRound);
	});
});

async function onFreshDatabase<T>(work: (databaseUrl: string) => Promise<T>): Promise<T> {
	const admin = new pg.Client({ connectionString: adminUrl });
	await admin.connect();
	const name = `glassworks_kill_${crypto.randomUUID().replaceAll("-", "")}`;
	const url = new URL(adminUrl);
	url.pathname = `/${name}`;
	try {
		await admin.query(`create database ${name}`);
		return await work(url.href);
	} finally {
		await admin.query(`drop database if exists ${name} with (force)`);
		await admin.end();
	}
}
