import type { JsonObject } from "../json.ts";

/** What an account owns besides its jobs. */
export const ownedKinds = ["assets", "ledger", "workflows", "boards", "keys", "trainings"] as const;
export type OwnedKind = (typeof ownedKinds)[number];

/** Reads all of it, part by part, as it is to be handed out: no secrets. */
export interface AccountRows {
	/** `after`: `next` of the part before; null: from the first. `next` null: that was the last. */
	read(tenantId: string, kind: OwnedKind, after: string | null, limit: number): Promise<{ rows: JsonObject[]; next: string | null }>;
}
