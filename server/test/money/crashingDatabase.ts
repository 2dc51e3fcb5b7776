import type { Database, Query, Session } from "../../src/store/sql.ts";

/** The process dies here: whatever the caller had in memory is gone. */
export class Crash extends Error {
	override readonly name = "Crash";
}

/** After so many statements (a commit counts as one), die: with the next one never sent, or done but its answer lost. */
export interface CrashPoint {
	after: number;
	mode: "never ran" | "answer lost";
}

export interface CrashingDatabase extends Database {
	/** Sets the next crash; null: none. */
	plan(point: CrashPoint | null): void;
	/** Statements that ran since. */
	readonly ran: number;
}

/** A database that can die before or after any statement or commit. Inside a transaction a lost answer rolls back, as a lost connection does. */
export function crashing(inner: Database): CrashingDatabase {
	let point: CrashPoint | null = null;
	let ran = 0;
	const die = (mode: CrashPoint["mode"]) => {
		if (point?.mode !== mode || ran < point.after) return;
		point = null;
		throw new Crash(mode);
	};
	const step = async <T>(run: () => Promise<T>): Promise<T> => {
		die("never ran");
		const answer = await run();
		ran++;
		die("answer lost");
		return answer;
	};
	const over = (session: Session): Session => ({ query: <R extends object>(query: Query) => step(() => session.query<R>(query)) });
	return {
		...over(inner),
		async transaction(work) {
			const result = await inner.transaction(async (session) => {
				const inside = await work(over(session));
				die("never ran");
				return inside;
			});
			ran++;
			die("answer lost");
			return result;
		},
		script: (session, text) => inner.script(session, text),
		close: () => inner.close(),
		plan(next) {
			point = next;
			ran = 0;
		},
		get ran() {
			return ran;
		},
	};
}
