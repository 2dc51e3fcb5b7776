import path from "node:path";
import type { Log } from "../domain/ports.ts";
import { lockFolder } from "./embedded/folderLock.ts";
import { type Database, openPostgres, overPglite } from "./sql.ts";

/** The database: a server when `databaseUrl` is given, else the embedded one in `dataDir`, which this process then owns alone. */
export async function openDatabase(options: { databaseUrl: string | null; dataDir: string; log: Log }): Promise<Database> {
	if (options.databaseUrl)
		return openPostgres(options.databaseUrl, (error) =>
			options.log.warn({ code: (error as { code?: string }).code }, "idle database connection lost"),
		);
	const lock = lockFolder(options.dataDir);
	try {
		const { PGlite } = await import("@electric-sql/pglite");
		const database = overPglite(await PGlite.create(path.join(options.dataDir, "postgres")));
		return {
			...database,
			async close() {
				await database.close();
				lock.release();
			},
		};
	} catch (error) {
		lock.release();
		throw error;
	}
}
