import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { installPackages } from "./apt.ts";
import { findExecutable, findFreePort, passwdEntry, runCommand, startDaemon, tiedToUs } from "./processes.ts";
import { missing, type Resource, ready } from "./resource.ts";

const oldestMajor = 15;

/** A PostgreSQL in which tests may create databases: the one named, one that runs here, or a private one that ends with us. */
export async function openPostgres(): Promise<Resource> {
	const named = process.env.TEST_DATABASE_URL;
	if (named) {
		const probe = await probeServer(named);
		if (!probe.usable) throw new Error(`TEST_DATABASE_URL cannot be used: ${probe.why}`);
		return ready(named, `PostgreSQL ${probe.version} (TEST_DATABASE_URL)`);
	}
	for (const url of defaultUrls()) {
		const probe = await probeServer(url);
		if (probe.usable) return ready(url, `PostgreSQL ${probe.version}, which runs here`);
	}
	if (!findPostgresFolder()) {
		const why = await installPackages(["postgresql"]);
		if (why) return missing(why);
	}
	const folder = findPostgresFolder();
	return folder ? startPrivatePostgres(folder) : missing(`no PostgreSQL ${oldestMajor} or newer is installed`);
}

function defaultUrls(): string[] {
	const users = [...new Set(["postgres", os.userInfo().username])];
	return users.flatMap((user) => [
		`postgresql://${user}@127.0.0.1:5432/postgres`,
		`postgresql://${user}@localhost:5432/postgres?host=/var/run/postgresql`,
	]);
}

type Probe = { usable: true; version: string } | { usable: false; why: string };

async function probeServer(url: string): Promise<Probe> {
	const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000, query_timeout: 3_000 });
	client.on("error", () => {});
	try {
		await client.connect();
		const { rows } = await client.query(
			"select current_setting('server_version') as version, (rolcreatedb or rolsuper) as creates from pg_roles where rolname = current_user",
		);
		const { version, creates } = rows[0] as { version: string; creates: boolean };
		if (Number.parseInt(version, 10) < oldestMajor) return { usable: false, why: `it is version ${version}, older than ${oldestMajor}` };
		return creates
			? { usable: true, version: version.split(" ")[0] ?? version }
			: { usable: false, why: "its user may not create databases" };
	} catch (error) {
		return { usable: false, why: error instanceof Error ? error.message : String(error) };
	} finally {
		await client.end().catch(() => {});
	}
}

/** The folder with initdb and postgres, of the newest version there is. Debian keeps them out of PATH. */
export function findPostgresFolder(): string | null {
	const roots = ["/usr/lib/postgresql", "/usr/local/opt", "/opt/homebrew/opt"].filter((root) => fs.existsSync(root));
	const found = roots.flatMap((root) =>
		fs.readdirSync(root).map((name) => ({ major: Number(name.replace("postgresql@", "")), folder: `${root}/${name}/bin` })),
	);
	const newest = found
		.filter(({ major, folder }) => major >= oldestMajor && fs.existsSync(`${folder}/initdb`))
		.sort((a, b) => b.major - a.major)[0];
	if (newest) return newest.folder;
	const initdb = findExecutable("initdb");
	return initdb && path.dirname(fs.realpathSync(initdb));
}

/** A new cluster in a temporary folder on a free port. PostgreSQL refuses to run as root: then it runs as postgres or nobody. */
export async function startPrivatePostgres(binFolder: string): Promise<Resource> {
	const user = process.getuid?.() === 0 ? (["postgres", "nobody"].find((name) => passwdEntry(name)) ?? null) : null;
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), "glassworks-postgres-"));
	const remove = () => fs.rmSync(folder, { recursive: true, force: true });
	try {
		const owner = user === null ? null : passwdEntry(user);
		if (owner) fs.chownSync(folder, Number(owner[2]), Number(owner[3]));
		const data = path.join(folder, "data");
		const [initdb = "", ...initdbArgs] = tiedToUs(
			[`${binFolder}/initdb`, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
			"KILL",
			user,
		);
		const created = await runCommand(initdb, initdbArgs, 120_000);
		if (created.code !== 0) throw new Error(created.output.split("\n").at(-1));
		const port = await findFreePort();
		const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
		const settings = [`port=${port}`, "listen_addresses=127.0.0.1", `unix_socket_directories=${folder}`, "max_connections=200"];
		// The cluster is thrown away: nothing in it must survive a power cut.
		const speed = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];
		const command = [`${binFolder}/postgres`, "-D", data, ...[...settings, ...speed].flatMap((setting) => ["-c", setting])];
		const daemon = await startDaemon(
			tiedToUs(command, "INT", user),
			path.join(folder, "log"),
			"SIGINT",
			async () => (await probeServer(url)).usable,
		);
		return ready(url, `a private PostgreSQL on port ${port}`, async () => {
			await daemon.stop();
			remove();
		});
	} catch (error) {
		remove();
		return missing(`a private PostgreSQL did not start: ${error instanceof Error ? error.message : String(error)}`);
	}
}
