import type { z } from "zod";
import type { apiKey } from "../contract/key.ts";
import type { setKeyCaps } from "../contract/keyCaps.ts";
import type { KeyCaps } from "../domain/plans/keyCaps.ts";
import type { ApiKey } from "../domain/plans/keyStore.ts";

export function presentKey(key: ApiKey): z.infer<typeof apiKey> {
	return {
		id: key.id,
		name: key.name,
		prefix: key.prefix,
		scopes: key.scopes,
		created_at: key.createdAt.toISOString(),
		created_by: key.createdBy,
		expires_at: key.expiresAt?.toISOString() ?? null,
		revoked_at: key.revokedAt?.toISOString() ?? null,
		last_used_at: key.lastUsedAt?.toISOString() ?? null,
		caps: presentCaps(key.caps),
		used: { spend_micro_usd: key.used.spendMicroUsd, unfinished_pictures: key.used.unfinishedPictures },
	};
}

function presentCaps(caps: KeyCaps): z.infer<typeof apiKey>["caps"] {
	return {
		spend_micro_usd_per_month: caps.spendMicroUsdPerMonth ?? null,
		max_pixels: caps.maxPixels ?? null,
		max_steps: caps.maxSteps ?? null,
		unfinished_pictures: caps.unfinishedPictures ?? null,
		models: caps.models ?? null,
	};
}

/** As asked for: what is left out stays undefined, null ends a cap. */
export function readCaps(asked: z.infer<typeof setKeyCaps> | undefined): KeyCaps {
	return {
		spendMicroUsdPerMonth: asked?.spend_micro_usd_per_month,
		maxPixels: asked?.max_pixels,
		maxSteps: asked?.max_steps,
		unfinishedPictures: asked?.unfinished_pictures,
		models: asked?.models && [...new Set(asked.models)],
	};
}
