import type { Live } from "../engines/live.ts";
import type { Traits } from "../engines/traits.ts";
import type { Capability } from "../ports.ts";
import type { LiveDigests } from "../storage/resultKey.ts";
import type { Need, Shortfall } from "./shortfall.ts";

/** Something that claims tasks of its pools: this process's own worker, or a remote one with a token. */
export interface Worker {
	id: string;
	name: string;
	kind: "local" | "remote";
	pools: string[];
	/** What its token allows; null: anything in its pools. */
	allowed: Capability[] | null;
	/** What it last said it can run. */
	capabilities: Capability[];
	loadedModel: string | null;
	/** Tasks it runs at once, per pool. */
	slots: number;
	lastSeenAt: Date | null;
	createdAt: Date;
	revokedAt: Date | null;
	/** Why engines of it offer nothing now, in words; null: all of them answer. */
	trouble: string | null;
	/** Claims nothing until it is resumed. */
	paused: boolean;
	/** Claims nothing more; finishes what it runs. */
	draining: boolean;
}

/** What a worker says of itself, every heartbeat. */
export interface WorkerOffer {
	capabilities: readonly Capability[];
	/** By capability; one that is absent can do the plain step only. */
	traits?: Readonly<Record<string, Traits>>;
	/** SHA-256 of the files that make a capability's results what they are; one that is absent: its engine cannot tell. */
	digests?: Readonly<Record<string, string>>;
	loadedModel: string | null;
	slots: number;
	/** SHA-256 of its description of ComfyUI's nodes; absent: it has none. */
	nodesDigest?: string | null;
	/** As Worker.trouble; absent: none. */
	trouble?: string | null;
}

/** A worker and how many tasks it holds now. */
export interface WorkerStatus extends Worker {
	running: number;
}

export interface WorkerStore {
	/** `tokenHash` is the SHA-256 of a remote worker's token, hex; null for a local one. */
	create(worker: {
		id: string;
		name: string;
		kind: Worker["kind"];
		pools: string[];
		allowed: Capability[] | null;
		tokenHash: string | null;
	}): Promise<Worker>;
	/** Records that it lives and what it can run (cut to what is allowed). @throws {GlassworksError} unauthenticated when revoked or unknown */
	seen(id: string, now: WorkerOffer): Promise<Worker>;
	findByTokenHash(tokenHash: string): Promise<Worker | null>;
	list(): Promise<WorkerStatus[]>;
	/** Its token stops working and its leases lapse at once. @throws {GlassworksError} not_found */
	revoke(id: string): Promise<void>;
	/** Gone for good: a local worker that stopped. Its running tasks go back in line. */
	remove(id: string): Promise<void>;
	live(liveForMs: number): Promise<Live>;
	/** What keeps every live worker from each of these; null: one can run it. */
	shortfalls(needs: readonly Need[], liveForMs: number): Promise<(Shortfall | null)[]>;
	/** What those say their models' files are. */
	digests(liveForMs: number): Promise<LiveDigests>;
}
