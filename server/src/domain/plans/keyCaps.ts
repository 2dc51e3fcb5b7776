import { GlassworksError } from "../errors.ts";

/** What a key may at most, below what its account may. Absent or null: no cap. */
export interface KeyCaps {
	/** Of credit, by the month (UTC) in which jobs are accepted; what they hold counts until it is given back. */
	spendMicroUsdPerMonth?: number | null | undefined;
	/** Width times height of a picture, before upscaling. */
	maxPixels?: number | null | undefined;
	maxSteps?: number | null | undefined;
	/** Pictures of accepted jobs that have not ended, waiting and scheduled ones too. */
	unfinishedPictures?: number | null | undefined;
	/** Names of models that may draw. */
	models?: string[] | null | undefined;
}

/** How much of its caps a key has used; keys that replaced one another count together. */
export interface KeyUse {
	/** This month, UTC. */
	spendMicroUsd: number;
	unfinishedPictures: number;
}

export function hasCaps(caps: KeyCaps): boolean {
	return Object.values(caps).some((cap) => cap !== null && cap !== undefined);
}

/** A refusal that names the cap, its value and what was asked. `cap` is its name on the wire. */
export function overKeyCap(
	cap: "spend_micro_usd_per_month" | "max_pixels" | "max_steps" | "models",
	message: string,
	data: { max: number | string[]; asked?: number | string; used?: number },
): GlassworksError {
	return new GlassworksError("over_key_cap", `${message}. Whoever manages the account's keys can change it.`, { cap, ...data });
}
