import { pino } from "pino";
import type { Config } from "../config.ts";
import type { Log } from "../domain/ports.ts";

/** Lines of JSON on standard error, so that standard output holds only results. */
export function createLog(level: Config["logLevel"]): Log {
	return pino(
		{ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact: ["*.authorization", "*.token"] },
		pino.destination({ dest: 2, sync: true }),
	);
}
