import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { startApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import type { ListedRoute } from "../../src/http/routeList.ts";
import { newId } from "../../src/newId.ts";
import { placeEmbeddedDatabase } from "./embeddedTemplate.ts";

export interface TestApp {
	url: string;
	ownerKey: string;
	/** Every route of the running server. */
	routes: readonly ListedRoute[];
	createTenant(plan: string, options: { creditMicroUsd: number }): Promise<{ tenantId: string; key: string }>;
	close(): Promise<void>;
}

/** The shipped plans without their rates: tests ask faster than people. */
const unhurried = fileURLToPath(new URL("./unhurried.config.ts", import.meta.url));

/** The real platform in a folder of its own, embedded unless DATABASE_URL is given, with the real worker and model unless `services` leaves them out. */
export async function startTestApp(
	variables: Record<string, string> = {},
	services: ("api" | "worker")[] = ["api", "worker"],
): Promise<TestApp> {
	const dataDir = await mkdtemp(path.join(os.tmpdir(), "glassworks-test-"));
	if (!variables.DATABASE_URL) await placeEmbeddedDatabase(dataDir);
	const config = readConfig({
		GLASSWORKS_DATA: dataDir,
		GLASSWORKS_PORT: "0",
		GLASSWORKS_LOG_LEVEL: "error",
		GLASSWORKS_CONFIG: unhurried,
		...variables,
	});
	const app = await startApp(config, { services });
	return {
		url: app.url,
		routes: app.routes,
		ownerKey: app.ownerKey ?? variables.GLASSWORKS_OWNER_KEY ?? "",
		async createTenant(plan, { creditMicroUsd }) {
			const tenantId = newId("ten");
			const key = `gw_${randomBytes(32).toString("base64url")}`;
			const { accounts } = app;
			await accounts.createTenant({ id: tenantId, name: tenantId, plan, postpaid: false });
			const secretHash = createHash("sha256").update(key).digest("hex");
			await accounts.createKey({
				id: newId("key"),
				tenantId,
				name: "test",
				prefix: key.slice(0, 7),
				scopes: ["read", "generate"],
				expiresAt: null,
				secretHash,
			});
			if (creditMicroUsd > 0) await accounts.addCredit(tenantId, creditMicroUsd, "test");
			return { tenantId, key };
		},
		async close() {
			await app.close();
			await rm(dataDir, { recursive: true, force: true });
		},
	};
}
