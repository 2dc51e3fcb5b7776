import { sql } from "../sql.ts";

/** Of a row of `workers`: it said something lately and was not revoked. */
export const isLive = (liveForMs: number) =>
	sql`revoked_at is null and last_seen_at > clock_timestamp() - ${liveForMs}::float8 * interval '1 millisecond'`;
