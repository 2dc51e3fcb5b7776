import { z } from "zod";
import { engineSettings } from "../domain/engines/engineSettings.ts";
import { engineKinds } from "../domain/engines/engineStore.ts";
import { traits } from "../domain/engines/traits.ts";
import { timestamp } from "./common.ts";

/** Paths are appended to it, and it is shown to whoever operates the server. */
function isPlainAddress(address: string): boolean {
	if (!URL.canParse(address)) return true;
	const { username, password } = new URL(address);
	return username === "" && password === "" && !/[?#]/.test(address);
}

/** Headers without which, or with whose value, no request could be sent. */
const ofConnection = [
	"connection",
	"content-length",
	"expect",
	"keep-alive",
	"proxy-connection",
	"te",
	"trailer",
	"transfer-encoding",
	"upgrade",
];

const url = z
	.url({ protocol: /^https?$/ })
	.max(500)
	.refine(isPlainAddress, "must have no user name, password, ? or #: what the engine wants to be told goes into headers")
	.describe("Where the engine listens, such as http://10.0.0.5:8188.");
const headers = z
	.record(
		z
			.string()
			.regex(/^[A-Za-z0-9-]{1,100}$/, "must be a header's name")
			.refine((name) => !ofConnection.includes(name.toLowerCase()), "is set by every connection itself"),
		z
			.string()
			.max(4_000)
			.regex(/^[\x20-\x7e]*$/, "must be printable ASCII"),
	)
	.default({})
	.describe("Sent with every request to it, such as authorization: Bearer ... Never shown again.");
const settings = z.strictObject({
	controlnets: z.boolean().default(false).describe("IOPaint: use its ControlNets, and no PowerPaint: one IOPaint cannot do both."),
	silent_ms: engineSettings.shape.silentMs.describe("ComfyUI: a prompt that does nothing for this long is stuck. null: two minutes."),
	max_run_ms: engineSettings.shape.maxRunMs.describe("ComfyUI: the longest a prompt may take. null: one hour."),
});
const kind = z.enum(engineKinds).describe("Left out: found out by asking.");

export const engineReport = z
	.object({
		version: z.string().nullable(),
		device: z.string().nullable().describe("Graphics card or processor."),
		vram_total_bytes: z.int().nullable(),
		vram_free_bytes: z.int().nullable(),
		queued: z.int().nullable().describe("Prompts that run or wait inside it, anybody's."),
		loaded_model: z.string().nullable(),
		capabilities: z.array(z.object({ capability: z.string(), traits })).describe("What it can run now."),
		missing: z
			.array(z.object({ name: z.string(), files: z.array(z.string()) }))
			.describe("Configured models, ControlNets and LoRAs it could run if one of these files were installed."),
	})
	.meta({ id: "EngineReport" });

export const engine = z
	.object({
		id: z.string(),
		kind: z.enum(engineKinds),
		name: z.string(),
		url: z.string(),
		headers: z.array(z.string()).describe("Names of the headers it is sent; their values are not shown."),
		settings,
		created_at: timestamp,
	})
	.meta({ id: "Engine" });
export const engineList = z.object({ data: z.array(engine) }).meta({ id: "EngineList" });

export const addEngine = z
	.strictObject({
		url,
		kind: kind.optional(),
		name: z.string().trim().min(1).max(100).optional().describe("Left out: its kind and address."),
		headers,
		settings: settings.prefault({}),
	})
	.meta({ id: "AddEngine" });
export const addedEngine = z.object({ engine, report: engineReport }).meta({ id: "AddedEngine" });

export const testedEngine = z
	.object({
		engine,
		report: engineReport,
		trial: z
			.object({ capability: z.string(), ms: z.int(), width: z.int(), height: z.int() })
			.nullable()
			.describe("One small picture it made; null: it can run nothing now."),
	})
	.meta({ id: "TestedEngine" });
