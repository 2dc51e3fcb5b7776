import { picture } from "../../server/src/domain/workflows/picture.ts";
import { migrate } from "../../server/src/store/migrate.ts";
import { openDatabase } from "../../server/src/store/openDatabase.ts";
import { openStores, type Stores } from "../../server/src/store/openStores.ts";
import type { Database } from "../../server/src/store/sql.ts";

export const silent = { info() {}, warn() {}, error() {} };
/** No lease and no worker lapses while a bench runs. */
const foreverMs = 3_600_000;

/** Our stores on a fresh database: a server's, or PGlite in `dataDir` when `databaseUrl` is null. */
export async function openBenchStores(
	place: { databaseUrl: string | null; dataDir: string },
	pools: readonly string[],
): Promise<{ database: Database; stores: Stores }> {
	const database = await openDatabase({ ...place, log: silent });
	await migrate(database);
	const stores = await openStores(database, { workflows: [picture], liveForMs: foreverMs, leaseMs: foreverMs, pools });
	return { database, stores };
}
