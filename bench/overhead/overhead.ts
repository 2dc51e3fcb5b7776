// `npm run bench:overhead [-- --rounds 40] [-- --ms-per-second 40]`: what the platform adds to a picture. The same graph, posted to the same
// replayed ComfyUI, in turn by a plain client and by the platform; from submit until the picture is there.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { createClient, type GlassworksClient } from "../../sdk/src/index.ts";
import { startApp } from "../../server/src/app.ts";
import { readConfig } from "../../server/src/config.ts";
import type { ApiGraph } from "../../server/src/domain/engines/apiGraph.ts";
import { recordedRun } from "../../server/test/engines/comfyui/replay/recordedRun.ts";
import { type ReplayServer, startReplayServer } from "../../server/test/engines/comfyui/replay/startReplayServer.ts";
import { describeMachine } from "../support/machine.ts";
import { createDatabase, openServer } from "../support/servers.ts";
import { median, percentile, round, timeMs } from "../support/statistics.ts";
import { printTable } from "../support/table.ts";
import { type Later, withCleanUp } from "../support/withCleanUp.ts";
import { openRawComfyui } from "./rawComfyui.ts";

const { values: options } = parseArgs({
	options: { rounds: { type: "string", default: "40" }, "ms-per-second": { type: "string", default: "40" } },
});
const rounds = Number(options.rounds);
/** The recording takes 26 s on a CPU; replayed at this pace, about one. */
const msPerSecond = Number(options["ms-per-second"]);
const warmUpRounds = 3;
const goalMs = 150;

/** Starts the platform and gives it the ComfyUI. */
async function openPlatform(comfyuiUrl: string, databaseUrl: string | null, later: Later): Promise<GlassworksClient> {
	const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), "glassworks-bench-"));
	later(async () => fs.rmSync(dataDir, { recursive: true, force: true }));
	const variables = { GLASSWORKS_DATA: dataDir, GLASSWORKS_PORT: "0", GLASSWORKS_LOG_LEVEL: "error" };
	const config = readConfig({ ...variables, ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}) });
	const app = await startApp(config, { services: ["api", "worker"] });
	later(() => app.close());
	const added = await fetch(`${app.url}/api/v1/engines`, {
		method: "POST",
		headers: { authorization: `Bearer ${app.localToken}`, "content-type": "application/json" },
		body: JSON.stringify({ url: comfyuiUrl }),
	});
	if (!added.ok) throw new Error(`the engine was not taken: ${await added.text()}`);
	const client = createClient({ baseUrl: app.url, apiKey: app.localToken });
	while (!(await client.models.list()).some(({ name, available }) => name === "sdxl" && available))
		await new Promise((resolve) => setTimeout(resolve, 100));
	return client;
}

async function draw(client: GlassworksClient): Promise<void> {
	const request = { prompt: "a red cube", model: "sdxl", width: 512, height: 512, upscale: false, restore_faces: false };
	const { id } = await client.generations.create(request);
	const job = await client.jobs.wait(id);
	if (job.status !== "succeeded") throw new Error(`the job ended ${job.status}`);
}

/** The graph that the platform posted last. */
function lastGraph({ asked }: ReplayServer): ApiGraph {
	const posted = asked.findLast(({ method, path }) => method === "POST" && path === "prompt");
	if (!posted) throw new Error("nothing was posted");
	return (JSON.parse(posted.body.toString()) as { prompt: ApiGraph }).prompt;
}

/** In turn, so that whatever else the machine does falls on both alike. */
async function compare(name: string, databaseUrl: string | null): Promise<string[]> {
	return withCleanUp(async (later) => {
		const comfyui = await startReplayServer({ runs: [recordedRun("02-txt2img-feature-flags-preview4")], msPerSecond });
		later(() => comfyui.close());
		const client = await openPlatform(comfyui.url, databaseUrl, later);
		const raw = await openRawComfyui(comfyui.url);
		later(async () => raw.close());
		const [rawMs, oursMs]: [number[], number[]] = [[], []];
		for (let at = -warmUpRounds; at < rounds; at++) {
			const ours = await timeMs(() => draw(client));
			const plain = await timeMs(() => raw.draw(lastGraph(comfyui)));
			if (at < 0) continue;
			oursMs.push(ours);
			rawMs.push(plain);
		}
		const added = oursMs.map((ours, at) => ours - (rawMs[at] ?? Number.NaN));
		const cells = (samples: number[]) => [median(samples), percentile(samples, 0.95)].map(round);
		return [name, ...cells(rawMs), ...cells(oursMs), ...cells(added), median(added) <= goalMs ? "met" : "MISSED"];
	});
}

await withCleanUp(async (later) => {
	const postgres = await openServer.postgres();
	later(() => postgres.close());
	for (const line of await describeMachine({ postgresUrl: postgres.url, redisUrl: null })) console.log(line);
	console.log(`${rounds} pictures each, in turn, of a replayed ComfyUI 0.33 (${msPerSecond} ms for a recorded second)\n`);
	const database = await createDatabase(postgres.url);
	later(() => database.drop());
	printTable([
		["submit to done, ms", "raw p50", "p95", "ours p50", "p95", "added p50", "p95", `goal ${goalMs}`],
		await compare("PostgreSQL", database.url),
		await compare("embedded", null),
	]);
});
process.exit(0);
