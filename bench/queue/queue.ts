// `node tools/node24.js bench/queue/queue.ts [--sizes 100000,1000000] [--claimers 8] [--models 1] [--rounds 3] [--json]`: our queue beside pg-boss and
// BullMQ, in one run on one machine: submit, claim, wake and position with so many tasks in line; and our embedded store at 10,000.
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "../support/machine.ts";
import { createDatabase, openServer } from "../support/servers.ts";
import { type Later, withCleanUp } from "../support/withCleanUp.ts";
import { openBullmq } from "./bullmq.ts";
import type { Contender, Wire } from "./contender.ts";
import { openGlassworks } from "./glassworks.ts";
import { effortFor, queueMeasures, warmUpEffort } from "./measures.ts";
import { openPgBoss } from "./pgBoss.ts";
import { explain, plain, printTurn, type Turn } from "./report.ts";
import { runRounds } from "./rounds.ts";

const { values: options } = parseArgs({
	options: {
		sizes: { type: "string", default: "100000,1000000" },
		embedded: { type: "string", default: "10000" },
		claimers: { type: "string", default: "8" },
		models: { type: "string", default: "1" },
		rounds: { type: "string", default: "3" },
		json: { type: "boolean", default: false },
	},
});
const sizes = options.sizes.split(",").map(Number);
const claimers = Number(options.claimers);
/** Every worker can run all of them: with more than one, each claim of ours also decides about loading. */
const models = Array.from({ length: Number(options.models) }, (_, index) => `model-${index}`);
const rounds = Number(options.rounds);
/** Who has not put its tasks in line by then goes on with what it has; the table says so. */
const loadLimitMs = 240_000;
const say = (line: string) => (options.json ? process.stderr.write(`${line}\n`) : console.log(line));

async function takeTurn(size: number, wires: readonly Wire[], contenders: readonly Contender[]): Promise<Turn> {
	const loads: Turn["loads"] = [];
	for (const contender of contenders) {
		const startedAt = performance.now();
		const tasks = await contender.load(size, startedAt + loadLimitMs);
		loads.push({ name: contender.name, tasks, seconds: (performance.now() - startedAt) / 1_000 });
		say(`${contender.name}: ${tasks.toLocaleString("en-US")} tasks in line after ${loads.at(-1)?.seconds.toFixed(1)} s`);
	}
	await runRounds(contenders, queueMeasures(warmUpEffort, claimers, wires), 1, say);
	const measured = await runRounds(contenders, queueMeasures(effortFor(size, rounds), claimers, wires), rounds, say);
	return { size, loads, names: contenders.map(({ name }) => name), measured };
}

async function besidePeers(size: number, adminUrl: string, redisUrl: string, later: Later): Promise<Turn> {
	const newDatabase = async () => {
		const { url, drop } = await createDatabase(adminUrl);
		later(drop);
		return url;
	};
	const contenders: Contender[] = [];
	const add = (contender: Contender) => {
		later(contender.close);
		contenders.push(contender);
	};
	add(await openGlassworks({ databaseUrl: await newDatabase(), dataDir: await newFolder(later), redisUrl }, claimers, models));
	add(await openPgBoss(await newDatabase(), claimers));
	for (const order of ["fifo", "priorities"] as const) add(await openBullmq(redisUrl, claimers, order));
	return takeTurn(size, ["PostgreSQL", "Redis"], contenders);
}

async function embedded(size: number, later: Later): Promise<Turn> {
	const contender = await openGlassworks({ databaseUrl: null, dataDir: await newFolder(later), redisUrl: null }, claimers, models);
	later(contender.close);
	return takeTurn(size, ["this process"], [contender]);
}

async function newFolder(later: Later): Promise<string> {
	const folder = await mkdtemp(path.join(os.tmpdir(), "glassworks-bench-"));
	later(() => rm(folder, { recursive: true, force: true }));
	return folder;
}

await withCleanUp(async (later) => {
	const postgres = await openServer.postgres();
	later(postgres.close);
	const redis = await openServer.redis();
	later(redis.close);
	const machine = await describeMachine({ postgresUrl: postgres.url, redisUrl: redis.url });
	for (const line of [...machine, ...explain(claimers, models.length, rounds)]) say(line);
	const turns: Turn[] = [];
	for (const size of sizes) turns.push(await withCleanUp((undo) => besidePeers(size, postgres.url, redis.url, undo)));
	if (Number(options.embedded) > 0) turns.push(await withCleanUp((undo) => embedded(Number(options.embedded), undo)));
	if (options.json) console.log(JSON.stringify({ machine, claimers, models: models.length, rounds, turns: turns.map(plain) }, null, 2));
	else for (const turn of turns) printTurn(turn);
});
