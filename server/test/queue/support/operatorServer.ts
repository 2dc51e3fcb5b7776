import type { FastifyInstance } from "fastify";
import { glassworks } from "../../../../glassworks.config.ts";
import type { Scope } from "../../../src/domain/plans/operatorConfig.ts";
import { operatorConfig } from "../../../src/domain/plans/operatorConfig.ts";
import { createMetrics, type Metrics } from "../../../src/http/metrics.ts";
import { defaultHttpLimits, type HttpPorts } from "../../../src/http/ports.ts";
import { createHttpServer } from "../../../src/http/server.ts";
import { sha256Hex } from "../../../src/http/sign.ts";
import { createMemoryRateLimiter } from "../../../src/limits/rateLimiter.ts";
import { newId } from "../../../src/newId.ts";
import { createMemoryBus } from "../../../src/store/bus/memoryBus.ts";
import { createModelFactsReader } from "../../../src/store/postgres/modelStats.ts";
import { createQueueIndex } from "../../../src/store/postgres/queueIndex.ts";
import { createQueueReader } from "../../../src/store/postgres/readQueue.ts";
import { createSteering } from "../../../src/store/postgres/steer.ts";
import { createStepCounts } from "../../../src/store/postgres/stepCounts.ts";
import { type Call, caller } from "../../http/call.ts";
import type { TestStores } from "../../support/testStores.ts";

export interface OperatorServer {
	url: string;
	metrics: Metrics;
	/** Calls as the owner of a new key of this tenant. */
	as(tenantId: string, ...scopes: Scope[]): Promise<Call>;
	anybody: Call;
	close(): Promise<void>;
}

export const metricsToken = "metrics-token-of-the-tests-0123456789";

/** The real HTTP side over real stores, listening, with what steering and watching need and no worker, so that queues stand still. */
export async function startOperatorServer(stores: TestStores): Promise<OperatorServer> {
	const { database } = stores;
	const metrics = createMetrics();
	const ports: Partial<HttpPorts> = {
		...stores,
		config: {
			publicUrl: () => "http://127.0.0.1",
			version: "0",
			proxies: 0,
			liveForMs: 600_000,
			leaseMs: 30_000,
			heartbeatMs: 10_000,
			limits: defaultHttpLimits,
		},
		operator: operatorConfig.parse(glassworks),
		limiter: createMemoryRateLimiter(),
		steering: createSteering(database),
		queue: createQueueReader(database, { index: createQueueIndex(database), liveForMs: 600_000, terms: {} }),
		modelFacts: createModelFactsReader(database, async () => () => null),
		stepCounts: createStepCounts(database),
		metrics,
		coverage: async () => ({ share: 0.8, outcomes: 10 }),
		metricsToken,
		bus: createMemoryBus(),
		newId,
		localToken: null,
		webDir: null,
		dialects: [],
		log: false,
		signingKey: new Uint8Array(32),
	};
	const server: FastifyInstance = await createHttpServer(ports as HttpPorts);
	await server.listen({ host: "127.0.0.1", port: 0 });
	const address = server.server.address();
	const url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
	return {
		url,
		metrics,
		async as(tenantId, ...scopes) {
			const secret = `gw_${newId("k").replace(/\W/g, "").padEnd(24, "0")}`;
			const key = { id: newId("key"), tenantId, name: "test", prefix: "gw_", scopes, expiresAt: null };
			await stores.accounts.createKey({ ...key, secretHash: sha256Hex(secret) });
			return caller(url, secret);
		},
		anybody: caller(url, null),
		close: () => server.close(),
	};
}
