import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { migrate } from "../../src/store/migrate.ts";
import { openDatabase } from "../../src/store/openDatabase.ts";

const migrations = path.resolve(import.meta.dirname, "../../migrations");
const require = createRequire(import.meta.url);
const cache = path.resolve(import.meta.dirname, "../../../node_modules/.cache/glassworks-test");

/**
 * Puts an embedded database into an empty data folder, migrated and without a row: a copy of one that is made once for each state of the
 * migrations, since making one takes seconds. Opening it is what it always is.
 */
export async function placeEmbeddedDatabase(dataDir: string): Promise<void> {
	await cp(await template(), dataDir, { recursive: true });
}

let made: Promise<string> | null = null;

const template = (): Promise<string> => {
	made ??= makeTemplate();
	return made;
};

async function makeTemplate(): Promise<string> {
	const folder = path.join(cache, await stateOfSchema());
	const known: string[] = await readdir(cache).catch(() => []);
	if (known.includes(path.basename(folder))) return folder;
	const partial = `${folder}.${process.pid}`;
	await mkdir(partial, { recursive: true });
	const database = await openDatabase({ databaseUrl: null, dataDir: partial, log: { info() {}, warn() {}, error() {} } });
	await migrate(database);
	await database.close();
	// Another test process may have been faster: then theirs is as good.
	await rename(partial, folder).catch(() => rm(partial, { recursive: true }));
	return folder;
}

async function stateOfSchema(): Promise<string> {
	const hash = createHash("sha256");
	hash.update(await readFile(require.resolve("@electric-sql/pglite")));
	for (const name of (await readdir(migrations)).sort()) hash.update(name).update(await readFile(path.join(migrations, name)));
	return hash.digest("hex").slice(0, 16);
}
