import type { QueueSnapshot } from "../jobs/queueSnapshot.ts";

export const incidentKinds = ["down", "no_workers"] as const;

/** What kept pictures from being made for longer than `tolerated`. */
export interface Incident {
	/** down: no server ran, or none reached the database. */
	kind: (typeof incidentKinds)[number];
	beganAt: Date;
	/** Null: it goes on. */
	endedAt: Date | null;
}

export interface ServiceRecord {
	/** Since when anything is known. */
	since: Date;
	/** Those of the last 90 days, the newest first. */
	incidents: Incident[];
}

export interface ServiceWatch {
	/** Said every minute by every server: it runs, and whether some worker takes work. */
	note(takesWork: boolean, now: Date): Promise<void>;
	/** Null: nothing was noted yet. */
	read(now: Date): Promise<ServiceRecord | null>;
}

/** Shorter silences are restarts, and no incidents. */
export const toleratedMs = 3 * 60_000;
export const recordDays = 90;

/** Some worker takes what is in line. */
export function takesWork({ pools }: QueueSnapshot): boolean {
	return pools.some(({ isPaused, workers }) => !isPaused && workers.some(({ state }) => state === "idle" || state === "busy"));
}
