import { canonicalJson, type JsonObject } from "../json.ts";
import type { OperatorConfig } from "../plans/operatorConfig.ts";
import type { StepKind } from "../ports.ts";
import type { PlannedTask } from "../pricing/charges.ts";
import type { WorkflowRecord } from "../workflows/workflowStore.ts";
import type { CacheEntry } from "./resultCache.ts";

/** What live workers say their models' files are: digests (null: the engine cannot tell) by pool and capability. */
export type LiveDigests = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string | null>>>;

/** How it was asked, not what is made. */
const notInputs = new Set(["runAfter", "metadata", "deleteAfterS", "cache"]);
/** This platform's own code and no network: the same bytes each time, but for a new release. */
const ownKinds = new Set<StepKind>(["encode", "composite", "resize"]);
/** Of a format that changes when what is in a key does. */
const format = 1;

interface Decided {
	tenantId: string;
	record: WorkflowRecord;
	request: JsonObject;
	tasks: readonly PlannedTask[];
	digests: LiveDigests;
	config: OperatorConfig;
}

/**
 * What a result is found by: everything that decides it. Null: that is not known, or running it does more than make pictures.
 * A model of unknown digest, or workers that differ in it, means not known.
 */
export async function resultKey({ tenantId, record, request, tasks, digests, config }: Decided): Promise<CacheEntry | null> {
	const { hours, trustModelNames } = config.resultCache;
	if (hours === 0 || tasks.some(({ kind }) => kind === "send_email")) return null;
	const known: Record<string, string> = {};
	const running = tasks.filter((task) => task.skip === null);
	for (const task of running) {
		const digest = digestOf(task, digests);
		if (digest) known[task.stepId] = digest;
		else if (!(trustModelNames && digest === null) && !ownKinds.has(task.kind)) return null;
		// Files of ControlNets and LoRAs have no digest.
		if (!trustModelNames && task.requires?.some((name) => /^(net|lora):/.test(name))) return null;
	}
	const skips = tasks.filter(({ skip }) => skip !== null).map(({ stepId }) => stepId);
	const inputs = Object.fromEntries(Object.entries(request).filter(([name]) => !notInputs.has(name)));
	const steps = running.map(({ stepId, capability, requires = null }) => ({ stepId, capability, requires, digest: known[stepId] ?? null }));
	const decides = { format, tenantId, workflow: record.id, version: record.workflow.version, inputs, steps, skips };
	return { key: await sha256Hex(canonicalJson(decides)), digests: known, skips, keepS: Math.round(hours * 3_600) };
}

/** Undefined: no worker at hand, or several that differ. */
function digestOf({ pool, capability }: PlannedTask, digests: LiveDigests): string | null | undefined {
	const said = digests.get(pool)?.get(capability);
	return said?.size === 1 ? [...said][0] : undefined;
}

async function sha256Hex(text: string): Promise<string> {
	const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
	return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
