import type { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import { GlassworksError } from "../domain/errors.ts";

/** A piece of SQL with its values kept apart; pieces nest. */
export class Query {
	readonly text: readonly string[];
	readonly values: readonly unknown[];

	constructor(text: readonly string[], values: readonly unknown[]) {
		this.text = text;
		this.values = values;
	}
}

/** Tagged template: `sql\`select ${id}\``. Values become parameters; a Query inside is spliced in. Objects: pass through `json`. */
export function sql(text: TemplateStringsArray, ...values: unknown[]): Query {
	return new Query(text, values);
}

/** A value for a jsonb column: write `${json(value)}::jsonb`. */
export const json = (value: unknown): string => JSON.stringify(value);

export type Row = Record<string, unknown>;

/** Where statements run: the database, or one transaction of it. */
export interface Session {
	query<R extends object = Row>(query: Query): Promise<R[]>;
}

export interface Database extends Session {
	/** All or nothing; run again when the database asks for it (deadlock, serialisation). Await only the session inside. */
	transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
	/** Several statements, no values: migrations. */
	script(session: Session, text: string): Promise<void>;
	close(): Promise<void>;
}

const int8 = 20;

function flatten(query: Query, values: unknown[]): string {
	return query.text
		.map((part, index) => {
			if (index === query.text.length - 1) return part;
			const value = query.values[index];
			if (value instanceof Query) return part + flatten(value, values);
			values.push(value);
			return `${part}$${values.length}`;
		})
		.join("");
}

interface Runner {
	query(text: string, values: unknown[]): Promise<{ rows: unknown[] }>;
}

/** As the triggers of migration 0014 raise it. */
function refuseForDeleted(error: unknown): never {
	if ((error as { code?: unknown }).code !== "GW002") throw error;
	throw new GlassworksError("account_deleted", "The account is being deleted.");
}

const scripts = new WeakMap<Session, (text: string) => Promise<unknown>>();

function sessionOf(runner: Runner, script: (text: string) => Promise<unknown>): Session {
	const session: Session = {
		async query<R extends object>(query: Query) {
			const values: unknown[] = [];
			return (await runner.query(flatten(query, values), values).catch(refuseForDeleted)).rows as R[];
		},
	};
	scripts.set(session, script);
	return session;
}

const runScript = async (session: Session, text: string): Promise<void> => {
	await scripts.get(session)?.(text);
};

/**
 * Statements are prepared under a name, once per connection: planning one takes longer than running it. Texts differ only in their pieces, so
 * there are few; beyond this many they go unnamed.
 */
const mostNames = 500;
const names = new Map<string, string>();

function nameOf(text: string): string | undefined {
	const known = names.get(text);
	if (known || names.size >= mostNames) return known;
	const name = `gw${names.size}`;
	names.set(text, name);
	return name;
}

/** Runs on the pool or on one connection of it. */
function preparing(runner: pg.Pool | pg.PoolClient): Runner {
	return {
		query(text, values) {
			const name = nameOf(text);
			return runner.query(name === undefined ? { text, values } : { name, text, values });
		},
	};
}

/** A PostgreSQL server, 15 or newer. */
export function openPostgres(connectionString: string, onError: (error: Error) => void): Database {
	const types = { getTypeParser: (oid: number, format: "text") => (oid === int8 ? Number : pg.types.getTypeParser(oid, format)) };
	const pool = new pg.Pool({
		...{ connectionString, max: 16, connectionTimeoutMillis: 10_000, types: types as never },
		// Our statements touch few rows; at a million tasks the planner's guess is high enough to compile them, which takes 10 ms each.
		onConnect: async (client: pg.ClientBase) => void (await client.query("set jit = off")),
	});
	pool.on("error", onError);
	const alone = preparing(pool);
	return {
		// A statement alone is a transaction: ended for a deadlock, it has done nothing and is run again.
		...sessionOf({ query: (text, values) => retried(() => alone.query(text, values)) }, (text) => pool.query(text)),
		transaction: (work) =>
			retried(async () => {
				const client = await pool.connect().catch(unreachable);
				let broken: Error | undefined;
				try {
					await client.query("begin");
					const result = await work(sessionOf(preparing(client), (text) => client.query(text)));
					await client.query("commit");
					return result;
				} catch (error) {
					await client.query("rollback").catch((failure: Error) => {
						broken = failure;
					});
					throw error;
				} finally {
					client.release(broken);
				}
			}),
		script: runScript,
		close: () => pool.end(),
	};
}

function unreachable(): never {
	throw new GlassworksError("unavailable", "The database cannot be reached. Try again shortly.");
}

/** PostgreSQL inside this process. */
export function overPglite(db: PGlite): Database {
	const options = { parsers: { [int8]: Number } };
	return {
		...sessionOf({ query: (text, values) => db.query(text, values, options) }, (text) => db.exec(text)),
		transaction: (work) =>
			db.transaction((tx) => work(sessionOf({ query: (text, values) => tx.query(text, values, options) }, (text) => tx.exec(text)))),
		script: runScript,
		close: () => db.close(),
	};
}

const retryable = new Set(["40001", "40P01"]);

async function retried<T>(work: () => Promise<T>): Promise<T> {
	for (let left = 4; ; left--) {
		try {
			return await work();
		} catch (error) {
			if (left === 0 || !retryable.has(String((error as { code?: unknown }).code))) throw error;
		}
	}
}
