import { GlassworksError } from "../domain/errors.ts";
import type { Principal } from "../domain/plans/operatorConfig.ts";

/** Event streams that are open, by who holds them. */
export interface StreamSlots {
	/** Returns what gives the place back. @throws {GlassworksError} rate_limited */
	take(holder: Pick<Principal, "tenantId" | "keyId" | "userId">): () => void;
}

/** `max`: of one key or person. */
export function createStreamSlots(max: number): StreamSlots {
	const open = new Map<string, number>();
	return {
		take({ tenantId, keyId, userId }) {
			const holder = keyId ?? userId ?? `tenant ${tenantId}`;
			const held = open.get(holder) ?? 0;
			if (held >= max)
				throw new GlassworksError("rate_limited", `This key already follows ${held} jobs and batches, as many as it may at once.`, {
					max,
					retry_after_s: 5,
				});
			open.set(holder, held + 1);
			return () => {
				const left = (open.get(holder) ?? 1) - 1;
				if (left > 0) open.set(holder, left);
				else open.delete(holder);
			};
		},
	};
}
