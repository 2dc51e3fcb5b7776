import type { JsonObject } from "../json.ts";
import type { Capability, EngineStatus } from "../ports.ts";
import type { EngineSettings } from "./engineSettings.ts";
import type { NodeCatalogue } from "./nodeCatalogue.ts";
import type { Traits } from "./traits.ts";

export const engineKinds = ["comfyui", "iopaint", "diffusers"] as const;
export type EngineKind = (typeof engineKinds)[number];

/** An engine server that this platform drives. */
export interface EngineRecord {
	id: string;
	kind: EngineKind;
	name: string;
	/** Without a slash at the end. */
	url: string;
	/** Sent with every request; may hold a secret: shown by name only. */
	headers: Record<string, string>;
	settings: EngineSettings;
	createdAt: Date;
}

export interface EngineStore {
	/** @throws {GlassworksError} engine_exists when the address is registered already */
	add(engine: Omit<EngineRecord, "createdAt">): Promise<EngineRecord>;
	list(): Promise<EngineRecord[]>;
	/** @throws {GlassworksError} not_found */
	get(id: string): Promise<EngineRecord>;
	/** @throws {GlassworksError} not_found */
	remove(id: string): Promise<void>;
	/** Those that `holder` drives from now until `forMs` from now: what it drove already and what nobody does. One process at a time drives an engine. */
	hold(holder: string, forMs: number): Promise<EngineRecord[]>;
	letGo(holder: string): Promise<void>;
}

/** Descriptions of nodes, kept by content: workers with the same nodes share one. */
export interface NodeStore {
	has(digest: string): Promise<boolean>;
	put(digest: string, nodes: JsonObject): Promise<void>;
	/** All that live workers have, classes and choices together; null: no live worker has nodes. */
	catalogue(): Promise<NodeCatalogue | null>;
}

/** Where an engine is and how it is spoken to. */
export type EngineAddress = Pick<EngineRecord, "kind" | "url" | "headers" | "settings">;

/** What an engine server said when it was asked. */
export interface EngineReport {
	kind: EngineKind;
	status: EngineStatus;
	capabilities: { capability: Capability; traits: Traits }[];
}

/** One small step run on an engine to see whether it works. */
export interface EngineTrial {
	capability: Capability;
	ms: number;
	widthPx: number;
	heightPx: number;
}

/** Talks to engine servers on an operator's behalf. */
export interface EngineDesk {
	/** @throws {GlassworksError} engine_down, engine_invalid when nothing that we know answers there */
	probe(engine: Omit<EngineAddress, "kind"> & { kind: EngineKind | null }): Promise<EngineReport>;
	/** Null: it can run nothing now. @throws {GlassworksError} as Engine.run, and timeout after `withinMs` */
	tryOut(engine: EngineRecord, withinMs: number): Promise<EngineTrial | null>;
}
