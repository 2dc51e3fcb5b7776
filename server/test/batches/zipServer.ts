import { randomBytes } from "node:crypto";
import path from "node:path";
import { startApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { createBatch } from "../../src/domain/batches/createBatch.ts";
import { feedBatches } from "../../src/domain/batches/feedBatches.ts";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { createFsBlobs } from "../../src/store/blobs/fsBlobs.ts";
import { createMemoryBus } from "../../src/store/bus/memoryBus.ts";
import { migrate } from "../../src/store/migrate.ts";
import { openDatabase } from "../../src/store/openDatabase.ts";
import { openStores } from "../../src/store/openStores.ts";
import { sql } from "../../src/store/sql.ts";
import { ask, capabilitiesFor, openShop, submitPorts } from "../money/fluxShop.ts";

/**
 * A server of its own process with a batch of 102 pictures of 2 MB, of which one has failed and one has lost its file. Tells its address and,
 * asked by a message, how much memory it has.
 */
const dataDir = process.argv[2] ?? "";
const pictureBytes = 2_000_000;
const log = { info() {}, warn() {}, error() {} };

async function fill(): Promise<string> {
	const database = await openDatabase({ databaseUrl: null, dataDir, log });
	await migrate(database);
	const stores = await openStores(database, { workflows: shippedWorkflows, leaseMs: 600_000, liveForMs: 600_000, pools: ["gpu"] });
	await stores.accounts.ensureOwner();
	const blobs = createFsBlobs(path.join(dataDir, "blobs"));
	const shop = openShop("gpu");
	const worker = { id: "wrk_zip", name: "w", kind: "remote" as const, pools: ["gpu"], allowed: null, tokenHash: "h" };
	const { id: workerId } = await stores.workers.create(worker);
	await stores.workers.seen(workerId, { capabilities: capabilitiesFor("flux"), loadedModel: null, slots: 1 });
	const ports = {
		...submitPorts(stores, shop),
		...{ jobs: stores.jobs, workflows: stores.workflows, batches: stores.batches, bus: createMemoryBus() },
	};
	const owner = { tenantId: "owner", plan: "owner", keyId: null, userId: null, scopes: ["generate" as const] };
	const requests = Array.from({ length: 102 }, (_, n) => ask({ prompt: n === 0 ? "../../Ünsafe <name>\u202e  " : `picture ${n}` }));
	const options = {
		...{ name: "big ones", budgetMicroUsd: null, mailTo: null, startAt: null, offPeak: false, webhook: null, webhookPerItem: false },
	};
	const { id } = await createBatch(ports, owner, { requests }, { ...options, metadata: {}, shuffleSeed: null }, null);
	const again = sql`update batches set feed_after = clock_timestamp() where finished_at is null`;
	const settled = async () => (await stores.batches.get("owner", id)).finishedAt !== null;
	let made = 0;
	while (!(await settled())) {
		await database.query(again);
		await feedBatches(ports);
		for (;;) {
			const [claimed] = await stores.jobs.claim({
				workerId,
				pool: "gpu",
				capabilities: capabilitiesFor("flux"),
				loadedModel: null,
				slots: 1,
			});
			if (!claimed) break;
			const { kind } = claimed.task;
			if (claimed.request.prompt === "picture 7") {
				const failure = { code: "engine_invalid" as const, message: "It broke." };
				await stores.jobs.finish(claimed.lease, { kind: "failed", failure, retryable: false, delayMs: 0 });
				continue;
			}
			const bytes = kind === "generate" || kind === "encode" ? randomBytes(pictureBytes) : randomBytes(10);
			const { sha256 } = await blobs.put("owner", bytes);
			if (claimed.request.prompt === "picture 9") await blobs.delete("owner", sha256);
			const image = { sha256, mediaType: "image/png" as const, widthPx: 512, heightPx: 512, bytes: bytes.length };
			await stores.jobs.finish(claimed.lease, { kind: "succeeded", outputs: { image }, data: { faceCount: 0, made: made++ }, ms: 10 });
		}
	}
	await database.close();
	return id;
}

const batchId = await fill();
const key = `gw_${randomBytes(32).toString("base64url")}`;
const config = readConfig({ GLASSWORKS_DATA: dataDir, GLASSWORKS_PORT: "0", GLASSWORKS_LOG_LEVEL: "error", GLASSWORKS_OWNER_KEY: key });
const app = await startApp(config, { services: ["api"] });
let mostBytes = 0;
setInterval(() => {
	mostBytes = Math.max(mostBytes, process.memoryUsage.rss());
}, 20);
process.on("message", (message) => {
	if (message === "forget") {
		globalThis.gc?.();
		mostBytes = process.memoryUsage.rss();
	}
	if (message === "close") void app.close().then(() => process.exit(0));
	else process.send?.({ rssBytes: process.memoryUsage.rss(), mostBytes });
});
process.send?.({ url: app.url, key, batchId });
