import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { FastifyZodOpenApiTypeProvider } from "fastify-zod-openapi";
import type { AuditLog } from "../domain/audit/auditLog.ts";
import type { BatchStore } from "../domain/batches/batchStore.ts";
import type { EngineDesk, EngineStore, NodeStore } from "../domain/engines/engineStore.ts";
import type { Gallery } from "../domain/gallery/gallery.ts";
import type { AssetStore } from "../domain/jobs/assetStore.ts";
import type { Dispatcher } from "../domain/jobs/dispatcher.ts";
import type { IdempotencyStore } from "../domain/jobs/idempotencyStore.ts";
import type { JobStore } from "../domain/jobs/jobStore.ts";
import type { ModelFactsReader } from "../domain/jobs/modelFacts.ts";
import type { PoolLoads } from "../domain/jobs/poolLoads.ts";
import type { QueueReader } from "../domain/jobs/queueSnapshot.ts";
import type { Steering } from "../domain/jobs/steering.ts";
import type { StepCounts } from "../domain/jobs/stepCounts.ts";
import type { WorkerStore } from "../domain/jobs/workerStore.ts";
import type { ResultMails } from "../domain/mail/resultMails.ts";
import type { AccountDeletions } from "../domain/people/accountDeletion.ts";
import type { Identity } from "../domain/people/identity.ts";
import type { MemberStore } from "../domain/people/memberStore.ts";
import type { AccountStore } from "../domain/plans/accountStore.ts";
import type { LastUse } from "../domain/plans/lastUse.ts";
import type { OperatorConfig, Principal } from "../domain/plans/operatorConfig.ts";
import type { PromiseReader } from "../domain/plans/promises.ts";
import type { RateLimiter } from "../domain/plans/rateLimiter.ts";
import type { BlobStore, Bus, NewId, PictureGate, UrlFetcher } from "../domain/ports.ts";
import type { Books } from "../domain/pricing/books.ts";
import type { Coverage } from "../domain/scheduling/eta/calibration.ts";
import type { TimeTable } from "../domain/scheduling/timeKeys.ts";
import type { PlanWaitReader } from "../domain/status/planWaits.ts";
import type { ServiceWatch } from "../domain/status/serviceWatch.ts";
import type { AccountRows } from "../domain/storage/accountRows.ts";
import type { BlobIndex } from "../domain/storage/blobIndex.ts";
import type { PictureStore } from "../domain/storage/pictureStore.ts";
import type { ResultCache } from "../domain/storage/resultCache.ts";
import type { Sweeper } from "../domain/storage/sweepStorage.ts";
import type { ThumbnailStore } from "../domain/storage/thumbnailStore.ts";
import type { TrainingStore } from "../domain/trainings/trainingStore.ts";
import type { UsageReader } from "../domain/usage/usage.ts";
import type { WebhookSender } from "../domain/webhooks/webhookSender.ts";
import type { WebhookStore } from "../domain/webhooks/webhookStore.ts";
import type { WorkflowStore } from "../domain/workflows/workflowStore.ts";
import type { Metrics } from "./metrics.ts";
import type { Dialect } from "./mountDialects.ts";

/** A Fastify instance whose routes take their types from their zod schemas. */
export type App = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, FastifyZodOpenApiTypeProvider>;

/** Everything the HTTP side is made of. It knows these and nothing behind them. */
export interface HttpPorts {
	config: HttpConfig;
	operator: OperatorConfig;
	/** Rates of requests; see limitRequests.ts. */
	limiter: RateLimiter;
	workflows: WorkflowStore;
	jobs: JobStore;
	batches: BatchStore;
	workers: WorkerStore;
	engines: EngineStore;
	engineDesk: EngineDesk;
	nodes: NodeStore;
	/** Measured times of steps. */
	times: { read(): Promise<TimeTable> };
	/** How much waits in each pool. */
	loads: PoolLoads;
	queue: QueueReader;
	modelFacts: ModelFactsReader;
	steering: Steering;
	stepCounts: StepCounts;
	metrics: Metrics;
	serviceWatch: ServiceWatch;
	planWaits: PlanWaitReader;
	/** How many of a pool's lately ended jobs ended within the range foretold; null until some were measured. */
	coverage(pool: string): Promise<Coverage | null>;
	accounts: AccountStore;
	members: MemberStore;
	deletions: AccountDeletions;
	identity: Identity;
	lastUse: LastUse;
	books: Books;
	promises: PromiseReader;
	usage: UsageReader;
	audit: AuditLog;
	resultMails: Pick<ResultMails, "isOfMember">;
	/** Whether there is a mail server. */
	sendsMail: boolean;
	assets: AssetStore;
	trainings: TrainingStore;
	idempotency: IdempotencyStore;
	webhooks: WebhookStore;
	webhookSender: Pick<WebhookSender, "check">;
	newWebhookSecret(): string;
	blobIndex: BlobIndex;
	accountRows: AccountRows;
	stored: PictureStore;
	results: ResultCache;
	gallery: Gallery;
	thumbnails: ThumbnailStore;
	/** What the platform does with stored pictures by itself, at once. */
	sweeper: Sweeper;
	blobs: BlobStore;
	bus: Bus;
	pictures: PictureGate;
	urls: UrlFetcher;
	dispatcher: Dispatcher;
	newId: NewId;
	/** An integer in 0 to 2^32 - 1. */
	randomSeed(): number;
	/** Signs links to pictures and task inputs; at least 32 bytes, the same on every replica and over restarts. */
	signingKey: Uint8Array;
	/** Accepted like a key; whoever holds it acts as `localPrincipal`. At least 32 characters; null: there is none. */
	localToken: string | null;
	/** Opens GET /metrics as an operator's key does, and nothing else; null: there is none. */
	metricsToken: string | null;
	/** Who the local token stands for: the owner. */
	localPrincipal: Principal;
	/** Whether requests can be served now, and each thing that was checked. Must not throw. */
	ready(): Promise<{ ok: boolean; checks: Record<string, string> }>;
	/** Other services' APIs that are spoken here. */
	dialects: readonly Dialect[];
	/** The built studio; null: not built. */
	webDir: string | null;
	/** A pino logger, or false for silence. */
	log: FastifyBaseLogger | false;
}

export interface HttpConfig {
	/** Where clients reach this server, without a slash at the end. A function: the port may only be known once it listens. */
	publicUrl(): string;
	version: string;
	/** How many proxies stand before this server: that many of the last addresses in X-Forwarded-For are believed. */
	proxies: number;
	/** A worker silent for longer than this does not count as live. */
	liveForMs: number;
	/** What remote workers are told. */
	leaseMs: number;
	heartbeatMs: number;
	limits: HttpLimits;
	/** Where links to pictures may lead besides this server, as an origin; left out or null: nowhere. */
	storageOrigin?: string | null;
}

export interface HttpLimits {
	/** JSON bodies. */
	maxBodyBytes: number;
	/** One uploaded or fetched picture. */
	maxPictureBytes: number;
	/** Width times height, all frames together, of an uploaded or fetched picture. */
	maxPicturePixels: number;
	/** A picture that a remote worker made: upscaled ones are larger than what users may send. */
	maxOutputBytes: number;
	maxOutputPixels: number;
	/** How long fetching a picture by its address may take. */
	urlTimeoutMs: number;
	/** At least this long a signed link works. */
	linkTtlMs: number;
	sessionTtlMs: number;
	/** Event streams one key may hold open. */
	streamsPerKey: number;
	/** A comment is sent this often on a quiet stream, so that proxies keep it open. */
	streamHeartbeatMs: number;
	/** How often a stream looks for events by itself: wake-ups between servers may be lost. */
	streamPollMs: number;
	/** A stream whose reader lags by more than this is dropped; it resumes with Last-Event-ID. */
	streamBufferBytes: number;
}

const megabyte = 1_048_576;

export const defaultHttpLimits: HttpLimits = {
	maxBodyBytes: 256 * 1_024,
	maxPictureBytes: 32 * megabyte,
	maxPicturePixels: 40_000_000,
	maxOutputBytes: 128 * megabyte,
	maxOutputPixels: 270_000_000,
	urlTimeoutMs: 20_000,
	linkTtlMs: 24 * 3_600_000,
	sessionTtlMs: 30 * 24 * 3_600_000,
	streamsPerKey: 10,
	streamHeartbeatMs: 15_000,
	streamPollMs: 2_000,
	streamBufferBytes: megabyte,
};
