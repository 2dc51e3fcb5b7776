import type { z } from "zod";
import type { apiKey } from "../contract/key.ts";
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
	};
}
