import { type Incident, recordDays, type ServiceWatch, toleratedMs } from "../../domain/status/serviceWatch.ts";
import { type Database, type Session, sql } from "../sql.ts";

interface Watched {
	since: Date;
	seenAt: Date;
	idleSince: Date | null;
}

export function createServiceWatch(database: Database): ServiceWatch {
	return {
		note: (takesWork, now) =>
			database.transaction(async (tx) => {
				await tx.query(sql`insert into service_watch (since, seen_at) values (${now}, ${now}) on conflict do nothing`);
				const [watched] = await tx.query<Watched>(
					sql`select since, seen_at as "seenAt", idle_since as "idleSince" from service_watch for update`,
				);
				// Another server, whose clock is ahead, has said so already.
				if (!watched || watched.seenAt > now) return;
				const wasDown = now.getTime() - watched.seenAt.getTime() > toleratedMs;
				if (wasDown) await keepOutage(tx, watched.seenAt, now);
				const idleSince = takesWork ? null : wasDown ? now : (watched.idleSince ?? now);
				await tx.query(sql`update service_watch set seen_at = ${now}, idle_since = ${idleSince}`);
				await keepIdle(tx, idleSince, now);
			}),
		async read(now) {
			const [watched] = await database.query<{ since: Date }>(sql`select since from service_watch`);
			if (!watched) return null;
			const from = new Date(now.getTime() - recordDays * 86_400_000);
			const incidents = await database.query<Incident>(sql`select kind, began_at as "beganAt", ended_at as "endedAt" from incidents
				where began_at > ${from} or ended_at is null or ended_at > ${from} order by began_at desc, id desc limit 10000`);
			return { since: watched.since, incidents };
		},
	};
}

/** Nobody was there: of the workers nothing is known in that time either. */
async function keepOutage(tx: Session, from: Date, to: Date): Promise<void> {
	await tx.query(sql`update incidents set ended_at = ${from} where ended_at is null`);
	await tx.query(sql`insert into incidents (kind, began_at, ended_at) values ('down', ${from}, ${to})`);
}

async function keepIdle(tx: Session, idleSince: Date | null, now: Date): Promise<void> {
	if (idleSince === null) await tx.query(sql`update incidents set ended_at = ${now} where kind = 'no_workers' and ended_at is null`);
	else if (now.getTime() - idleSince.getTime() > toleratedMs)
		await tx.query(
			sql`insert into incidents (kind, began_at) values ('no_workers', ${idleSince}) on conflict (kind) where ended_at is null do nothing`,
		);
}
