import { z } from "zod";

/** What an operator may say of one engine server. Null: as usual. */
export const engineSettings = z.strictObject({
	/** IOPaint: use its ControlNets, and no PowerPaint: one IOPaint cannot do both. */
	controlNets: z.boolean().default(false),
	/** ComfyUI: a running prompt that does nothing for this long, in milliseconds, is stuck. Longer where models lie on slow disks. */
	silentMs: z.int().min(10_000).max(86_400_000).nullable().default(null),
	/** ComfyUI: the longest a prompt may take, in milliseconds. */
	maxRunMs: z.int().min(10_000).max(86_400_000).nullable().default(null),
});
export type EngineSettings = z.infer<typeof engineSettings>;

export const usualSettings: EngineSettings = engineSettings.parse({});
