import type { ApiKey, CreateApiKey, SetKeyCaps } from "@glassworks/sdk";

export type Scope = ApiKey["scopes"][number];

export const scopes: readonly { value: Scope; label: string; note: string }[] = [
	{ value: "read", label: "Read", note: "Look at pictures, jobs, usage and the queue." },
	{ value: "generate", label: "Generate", note: "Ask for pictures and cancel them." },
	{ value: "manage", label: "Manage", note: "Keys, webhooks and members of this account." },
	{ value: "operate", label: "Operate", note: "The whole server." },
];

/** Caps as a form has them; null: none. */
export interface CapDraft {
	/** Dollars. */
	spend: number | null;
	/** Of the longer side of a square, in pixels. */
	side: number | null;
	steps: number | null;
	unfinished: number | null;
	/** Empty: any. */
	models: readonly string[];
}

export const noCaps: CapDraft = { spend: null, side: null, steps: null, unfinished: null, models: [] };

export function toCaps({ spend, side, steps, unfinished, models }: CapDraft): SetKeyCaps {
	return {
		spend_micro_usd_per_month: spend === null ? null : Math.round(spend * 1_000_000),
		max_pixels: side === null ? null : side * side,
		max_steps: steps,
		unfinished_pictures: unfinished,
		models: models.length === 0 ? null : [...models],
	};
}

export function fromCaps(caps: ApiKey["caps"]): CapDraft {
	return {
		spend: caps.spend_micro_usd_per_month === null ? null : caps.spend_micro_usd_per_month / 1_000_000,
		side: caps.max_pixels === null ? null : Math.floor(Math.sqrt(caps.max_pixels)),
		steps: caps.max_steps,
		unfinished: caps.unfinished_pictures,
		models: caps.models ?? [],
	};
}

/** `day`: as a date field writes it; the key works until that day ends here. */
export function toKey(name: string, chosen: readonly Scope[], day: string, caps: CapDraft): CreateApiKey {
	return {
		name,
		scopes: [...chosen],
		...(day !== "" && { expires_at: new Date(`${day}T23:59:59`).toISOString() }),
		caps: toCaps(caps),
	};
}

export type KeyState = "works" | "expired" | "revoked";

export function stateOf(key: ApiKey, nowMs: number = Date.now()): KeyState {
	if (key.revoked_at !== null && Date.parse(key.revoked_at) <= nowMs) return "revoked";
	return key.expires_at !== null && Date.parse(key.expires_at) <= nowMs ? "expired" : "works";
}
