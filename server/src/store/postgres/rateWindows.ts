import type { Grant, RateWindows } from "../../domain/plans/rateWindows.ts";
import { type Database, sql } from "../sql.ts";

export function createRateWindows(database: Database): RateWindows {
	return {
		async take(key, { periodMs, most, wanted }) {
			const end = sql`clock_timestamp() + ${periodMs}::float8 * interval '1 millisecond'`;
			const before = sql`case when w.ends_at <= clock_timestamp() then 0 else w.taken end`;
			const [grant] = await database.query<Grant>(sql`insert into rate_windows as w (key, ends_at, taken, granted)
				values (${key}, ${end}, least(${wanted}::bigint, ${most}::bigint), least(${wanted}::bigint, ${most}::bigint))
				on conflict (key) do update set
					granted = greatest(0, least(${wanted}::bigint, ${most}::bigint - (${before}))),
					taken = greatest(${before}, least(${most}::bigint, (${before}) + ${wanted}::bigint)),
					ends_at = case when w.ends_at <= clock_timestamp() then ${end} else w.ends_at end
				returning granted, greatest(0, ${most}::bigint - taken) as left,
					(extract(epoch from ends_at - clock_timestamp()) * 1000)::float8 as "resetMs"`);
			if (!grant) throw new Error("the window answered nothing");
			return grant;
		},
		forget: async () => void (await database.query(sql`delete from rate_windows where ends_at < clock_timestamp() - interval '1 minute'`)),
	};
}
