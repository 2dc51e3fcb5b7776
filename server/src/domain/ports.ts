/**
 * What the domain asks of the outside, and nothing about how. Glossary: docs/glossary.md.
 * Each port has one conformance suite in test/conformance that every implementation passes.
 */
import type { Margins, MaskPicture, MaskRequest, PixelBox } from "./edits/mask.ts";
import type { ModelRegistry } from "./engines/registry.ts";
import type { Traits } from "./engines/traits.ts";
import type { Json, JsonObject } from "./json.ts";

/**
 * The kinds of work a worker can claim. `graph` runs somebody's ComfyUI graph; `composite` puts an edit into the untouched original;
 * `encode` finishes a picture: metadata stripped, format chosen. `train_lora` makes a LoRA; no workflow of an account has it.
 */
export const stepKinds = [
	"generate",
	"inpaint",
	"graph",
	"detect_faces",
	"restore_faces",
	"upscale",
	"composite",
	"resize",
	"encode",
	"send_email",
	"train_lora",
] as const;
export type StepKind = (typeof stepKinds)[number];

/** A step kind and the model it runs with, as `kind:model` (`upscale:realesrgan-x4plus`). The unit that workers advertise and tasks ask for. */
export type Capability = `${StepKind}:${string}`;

/** How pictures are kept and handed on; the ending of a file that holds one. */
export const fileExtensions = { "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp" } as const;
export type MediaType = keyof typeof fileExtensions;
export const mediaTypes = Object.keys(fileExtensions) as MediaType[];

/** An encoded picture. The bytes were checked (see PictureGate); sizes are in pixels after orientation. */
export interface Picture {
	bytes: Uint8Array;
	mediaType: MediaType;
	widthPx: number;
	heightPx: number;
}

/** One step for an engine: everything it needs, resolved. `params` follow domain/workflows/stepParams.ts for the kind. */
export interface StepRequest {
	kind: StepKind;
	model: string;
	params: JsonObject;
	/** By role: `image`, `mask` (white = repaint), `original`, `control_0`, ... */
	inputs: Record<string, Picture>;
	/** Files that the step may need, by role: `lora_0`, ... is that of the LoRA at this place in `params.loras`. Read only when asked for. */
	files?: Readonly<Record<string, () => Promise<Uint8Array>>>;
}

export interface StepProgress {
	/** 0 to 1. */
	fraction: number;
	/** Sampler step just done and how many there are, where the engine knows. */
	step?: number;
	steps?: number;
	/** Of the training step just done. */
	loss?: number;
}

export interface StepContext {
	/** Aborted on cancel, lost lease and shutdown. An engine stops within its next step and throws `cancelled`. */
	signal: AbortSignal;
	onProgress(progress: StepProgress): void;
	/** A small picture of the work so far. Lossy: may be dropped. */
	onPreview(preview: Picture): void;
}

export interface StepOutput {
	/** By role; what later steps refer to as `<step>.<role>`. */
	pictures: Record<string, Picture>;
	/** What is no picture, by role: `lora`. */
	files?: Record<string, Uint8Array>;
	/** Facts about the run: faces found, model digest, `understood_as`. Goes into the recipe. */
	data: JsonObject;
}

export interface CapabilityInfo {
	capability: Capability;
	/** SHA-256 of the files that make the result what it is; null when the engine cannot tell. */
	digest: string | null;
	/** What it can do beyond the plain step; absent: nothing. */
	traits?: Traits;
}

/** How an engine is, for its operator. */
export interface EngineStatus {
	/** As the engine says it; null when it does not. */
	version: string | null;
	/** Name of the graphics card or processor. */
	device: string | null;
	vramTotalBytes: number | null;
	vramFreeBytes: number | null;
	/** Prompts that run or wait inside the engine, anybody's; null when it does not say. */
	queued: number | null;
	/** Our name of the model it holds; null: none, or unknown. */
	loadedModel: string | null;
	/** Models, ControlNets and LoRAs of the registry that it could run if these files were installed. */
	missing: { name: string; files: string[] }[];
}

/**
 * Something that can run steps. Implementations: engines/<name>/engine.ts.
 * `run` throws GlassworksError with one of engine_invalid, model_missing, out_of_memory, cancelled, engine_down, timeout, internal.
 */
export interface Engine {
	readonly name: string;
	/** Steps it runs at once. */
	readonly slots: number;
	/** What our model names mean; called before anything is run and whenever it changes. An engine that needs no registry has none. */
	learn?(registry: ModelRegistry): void;
	/** What it can run now, discovered, never hard-coded. @throws {GlassworksError} engine_down */
	capabilities(): Promise<CapabilityInfo[]>;
	/** @throws {GlassworksError} engine_down */
	status(): Promise<EngineStatus>;
	/** ComfyUI's description of its nodes (GET /object_info), for converting and checking graphs; null or absent: it has no nodes. */
	nodes?(): Promise<JsonObject | null>;
	run(request: StepRequest, context: StepContext): Promise<StepOutput>;
	close(): Promise<void>;
}

/** Reads hostile bytes in a child process with bounded memory. @throws {GlassworksError} picture_* and decode_limit. */
export interface PictureGate {
	/** Checks, orients, drops every metadata block and re-encodes losslessly to PNG (or keeps JPEG as JPEG quality 95). */
	admit(bytes: Uint8Array, limits: PictureLimits): Promise<Picture>;
	/** Encodes a trusted or untrusted picture for delivery. `text` becomes PNG tEXt / EXIF UserComment; all else is dropped. */
	encode(bytes: Uint8Array, options: EncodeOptions): Promise<Picture>;
	/** Makes a mask for a picture. `bytes`: the mask's file, or the picture whose alpha it is; else empty. */
	mask(bytes: Uint8Array, request: MaskRequest, limits: PictureLimits): Promise<MaskPicture>;
	/** The picture with its edge pixels continued outwards, as PNG. */
	extend(bytes: Uint8Array, margins: Margins, limits: PictureLimits): Promise<Picture>;
	/** A part of a picture brought to a size, as PNG; of a mask: hard, white wherever any of it falls that is not black. */
	cut(bytes: Uint8Array, part: PicturePart): Promise<Picture>;
	close(): Promise<void>;
}
export interface PicturePart {
	kind: "picture" | "mask";
	box: PixelBox;
	widthPx: number;
	heightPx: number;
}
export interface PictureLimits {
	maxBytes: number;
	/** Width times height, all frames together. */
	maxPixels: number;
}
export interface EncodeOptions {
	format: "png" | "jpeg" | "webp";
	/** 1 to 100, for jpeg and webp. */
	quality: number;
	/** Longest side of the result in pixels; larger pictures are shrunk (previews, thumbnails). */
	maxSidePx?: number;
	text?: Record<string, string>;
}

/** Fetches an address a tenant chose. @throws {GlassworksError} url_blocked, url_failed, body_too_large. */
export interface UrlFetcher {
	fetch(url: string, limits: { maxBytes: number; timeoutMs: number }): Promise<{ bytes: Uint8Array; contentType: string | null }>;
}

/** Bytes by content, kept apart per tenant. `put` returns only once they are durable. */
export interface BlobStore {
	put(tenantId: string, bytes: Uint8Array): Promise<{ sha256: string }>;
	/** @throws {GlassworksError} not_found */
	get(tenantId: string, sha256: string): Promise<Uint8Array>;
	/** Bytes `start` to `end` inclusive, as a stream. @throws {GlassworksError} not_found */
	stream(tenantId: string, sha256: string, range?: { start: number; end: number }): Promise<AsyncIterable<Uint8Array>>;
	delete(tenantId: string, sha256: string): Promise<void>;
	/** Every blob of every tenant with its age: for the sweep. */
	list(): AsyncIterable<{ tenantId: string; sha256: string; modifiedAt: Date }>;
	/** An address at which a client may fetch the blob itself, without this server; null: this store has none to give. */
	link(tenantId: string, sha256: string, link: BlobLink): Promise<string | null>;
	/** Whether it can be used now. @throws {GlassworksError} unavailable */
	check(): Promise<void>;
	close(): Promise<void>;
}
export interface BlobLink {
	mediaType: MediaType;
	fileName: string;
	/** How long the address works. */
	ttlMs: number;
}

/** Hints between processes: wake-ups, progress, previews. Lossy by contract; the truth is in the store. */
export interface Bus {
	publish(topic: string, message: Json): void;
	/** Returns the function that ends the subscription. */
	subscribe(topic: string, onMessage: (message: Json) => void): () => void;
	close(): Promise<void>;
}

export interface MailAttachment {
	filename: string;
	content: Uint8Array;
	contentType: string;
}

/** Mail of the platform itself: verification, resets, notices, results. Plain text. */
export interface Mailer {
	/** `id`: unguessable and the same when a mail is sent again. @throws {GlassworksError} unavailable */
	send(mail: { id: string; to: string; subject: string; text: string; attachments?: MailAttachment[] }): Promise<void>;
	close(): Promise<void>;
}

/** Random, so unguessable, and sortable by time: `job_0k3v...`. */
export type NewId = (prefix: string) => string;

export interface Log {
	info(data: object, message: string): void;
	warn(data: object, message: string): void;
	error(data: object, message: string): void;
}
