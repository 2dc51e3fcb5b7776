import { type Database, Query, type Session } from "./sql.ts";

interface Answer {
	command: string;
	rowCount: number;
	rows: object[];
}

/** As much of a pg.Pool as libraries with statements of their own need. */
export interface SqlPool {
	connect(): Promise<{ query(text: string, values?: readonly unknown[]): Promise<Answer>; release(): void }>;
	end(): Promise<void>;
}

/** Lets a library that wants a pg.Pool work on our database, whichever it is: `begin` to `commit` become one transaction of ours. */
export function poolOver(database: Database): SqlPool {
	return {
		connect: async () => {
			let open: OpenTransaction | null = null;
			return {
				async query(text, values = []) {
					const command = text.trim().split(/\s/, 1)[0]?.toUpperCase() ?? "";
					if (command === "BEGIN") open = await begin(database);
					else if (command === "COMMIT" || command === "ROLLBACK") {
						const ended = open;
						open = null;
						await ended?.end(command);
					} else {
						const rows = await run(open?.session ?? database, text, values);
						return { command, rowCount: rows.length, rows };
					}
					return { command, rowCount: 0, rows: [] };
				},
				release() {
					void open?.end("ROLLBACK");
					open = null;
				},
			};
		},
		// Whoever opened the database closes it.
		end: async () => {},
	};
}

interface OpenTransaction {
	session: Session;
	end(how: "COMMIT" | "ROLLBACK"): Promise<void>;
}

const rolledBack = new Error("rolled back");

/** Placeholders come as $1, $2, ... in order, each once. */
function run(session: Session, text: string, values: readonly unknown[]): Promise<object[]> {
	return session.query(new Query(text.split(/\$\d+/), values));
}

async function begin(database: Database): Promise<OpenTransaction> {
	const started = Promise.withResolvers<Session>();
	const ending = Promise.withResolvers<void>();
	// A second call would be for a transaction that the database ended and wants repeated: what came between is not known here.
	let isUsed = false;
	const done = database.transaction(async (session) => {
		if (isUsed) throw rolledBack;
		isUsed = true;
		started.resolve(session);
		await ending.promise;
	});
	done.catch(started.reject);
	return {
		session: await started.promise,
		async end(how) {
			if (how === "COMMIT") ending.resolve();
			else ending.reject(rolledBack);
			await done.catch((error: unknown) => {
				if (how === "COMMIT" || error !== rolledBack) throw error;
			});
		},
	};
}
