import type { AuditLog } from "../domain/audit/auditLog.ts";
import type { BatchStore } from "../domain/batches/batchStore.ts";
import type { EngineStore, NodeStore } from "../domain/engines/engineStore.ts";
import type { Gallery } from "../domain/gallery/gallery.ts";
import type { AssetStore } from "../domain/jobs/assetStore.ts";
import type { Terms } from "../domain/jobs/composeSnapshot.ts";
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
import type { MemberStore } from "../domain/people/memberStore.ts";
import type { DeletionNotices } from "../domain/people/tellOwners.ts";
import type { AccountStore } from "../domain/plans/accountStore.ts";
import { createLastUse, type LastUse } from "../domain/plans/lastUse.ts";
import type { PromiseReader } from "../domain/plans/promises.ts";
import type { RateWindows } from "../domain/plans/rateWindows.ts";
import type { Books } from "../domain/pricing/books.ts";
import type { Coverage } from "../domain/scheduling/eta/calibration.ts";
import { PLACEMENT_DEFAULTS, type PlacementSettings } from "../domain/scheduling/placement.ts";
import { timeKeys } from "../domain/scheduling/timeKeys.ts";
import type { PlanWaitReader } from "../domain/status/planWaits.ts";
import type { ServiceWatch } from "../domain/status/serviceWatch.ts";
import type { AccountRows } from "../domain/storage/accountRows.ts";
import type { BlobIndex } from "../domain/storage/blobIndex.ts";
import type { PictureStore } from "../domain/storage/pictureStore.ts";
import type { ResultCache } from "../domain/storage/resultCache.ts";
import type { ThumbnailStore } from "../domain/storage/thumbnailStore.ts";
import type { TrainingStore } from "../domain/trainings/trainingStore.ts";
import { trainLora } from "../domain/trainings/trainLora.ts";
import type { UsageReader } from "../domain/usage/usage.ts";
import type { Outbox, WebhookStore } from "../domain/webhooks/webhookStore.ts";
import type { Workflow } from "../domain/workflows/workflow.ts";
import type { WorkflowStore } from "../domain/workflows/workflowStore.ts";
import { createAccountDeletions } from "./postgres/accountDeletions.ts";
import { createAccountRows } from "./postgres/accountRows.ts";
import { createAccountStore } from "./postgres/accounts.ts";
import { createAssetStore } from "./postgres/assets.ts";
import { createAuditLog } from "./postgres/auditLog.ts";
import { createBatchStore } from "./postgres/batches/batches.ts";
import { createBlobIndex } from "./postgres/blobIndex.ts";
import { createBooks } from "./postgres/books.ts";
import { createPictureStore } from "./postgres/deletePictures.ts";
import { createDeletionNotices } from "./postgres/deletionNotices.ts";
import { createEngineStore } from "./postgres/engines.ts";
import { createForecasts } from "./postgres/forecasts.ts";
import { forgetEarlierLife } from "./postgres/forgetEarlierLife.ts";
import { createGallery } from "./postgres/gallery.ts";
import { createIdempotencyStore } from "./postgres/idempotency.ts";
import { createJobStore } from "./postgres/jobs.ts";
import { createPromiseReader } from "./postgres/keptPromises.ts";
import { createMemberStore } from "./postgres/members.ts";
import { createModelFactsReader } from "./postgres/modelStats.ts";
import { createNodeStore } from "./postgres/nodeCatalogues.ts";
import { createPlanWaitReader } from "./postgres/planWaits.ts";
import { createPoolLoads } from "./postgres/poolLoads.ts";
import { createQueueIndex } from "./postgres/queueIndex.ts";
import { createRateWindows } from "./postgres/rateWindows.ts";
import { createQueueReader } from "./postgres/readQueue.ts";
import { createWorkflowReader } from "./postgres/readWorkflow.ts";
import { createResultCache } from "./postgres/resultCache.ts";
import { createResultMails } from "./postgres/resultMails.ts";
import { createServiceTimes, type ServiceTimes } from "./postgres/serviceTimes.ts";
import { createServiceWatch } from "./postgres/serviceWatch.ts";
import { createSteering } from "./postgres/steer.ts";
import { createStepCounts } from "./postgres/stepCounts.ts";
import { createThumbnailStore } from "./postgres/thumbnails.ts";
import { createTrainingStore } from "./postgres/trainings.ts";
import { createUsageReader } from "./postgres/usage.ts";
import { createOutbox } from "./postgres/webhooks/outbox.ts";
import { createWebhookStore } from "./postgres/webhooks/webhookStore.ts";
import { createWorkerStore } from "./postgres/workers.ts";
import { createWorkflowStore } from "./postgres/workflows.ts";
import { type Database, sql } from "./sql.ts";

export interface Stores {
	jobs: JobStore;
	batches: BatchStore;
	workflows: WorkflowStore;
	workers: WorkerStore;
	engines: EngineStore;
	nodes: NodeStore;
	accounts: AccountStore;
	rateWindows: RateWindows;
	members: MemberStore;
	deletions: AccountDeletions;
	deletionNotices: DeletionNotices;
	lastUse: LastUse;
	books: Books;
	promises: PromiseReader;
	usage: UsageReader;
	audit: AuditLog;
	resultMails: ResultMails;
	assets: AssetStore;
	trainings: TrainingStore;
	idempotency: IdempotencyStore;
	webhooks: WebhookStore;
	outbox: Outbox;
	/** What is stored, and who still refers to it. */
	blobIndex: BlobIndex;
	/** Deletes what was made or uploaded. */
	stored: PictureStore;
	results: ResultCache;
	gallery: Gallery;
	thumbnails: ThumbnailStore;
	/** All that an account owns, to be handed out. */
	accountRows: AccountRows;
	loads: PoolLoads;
	queue: QueueReader;
	modelFacts: ModelFactsReader;
	steering: Steering;
	stepCounts: StepCounts;
	serviceWatch: ServiceWatch;
	planWaits: PlanWaitReader;
	/** How many of a pool's forecasts lately over came true; null until some were. */
	coverage(pool: string): Promise<Coverage | null>;
	times: ServiceTimes;
	/** A secret shared by every process on this database, made at first use; hex. */
	secret(name: string, make: () => string): Promise<string>;
	/** Ends what a killed process left open: local workers, their leases, requests being answered. Only for a database nobody else can have open. */
	forgetEarlierLife(): Promise<void>;
	/** Whether the database answers. */
	ping(): Promise<void>;
}

export interface StoreOptions {
	/** Those that ship. */
	workflows: readonly Workflow[];
	leaseMs: number;
	/** A worker silent for longer than this does not count as live. */
	liveForMs: number;
	/** Of the operator's file; they are made to exist. */
	pools: readonly string[];
	/** Default: as measured best in bench/schedule. */
	placement?: Partial<PlacementSettings>;
	/** The operator's guess of how long loading a model takes, in milliseconds. Default: 15 s. */
	loadMs?(model: string): number;
	/** Optional steps of a pool are left out while its line is longer than this; null: never, the default. */
	shedAfterMs?(pool: string): number | null;
	/** What an hour of one of its workers costs the operator. Default: nothing. */
	costMicroUsdPerHour?(pool: string): number;
	/** What each plan's work is due. Default: nothing is promised. */
	terms?: Terms;
	/** In [0, 1). Default: Math.random. */
	random?(): number;
}

/** Every store over one migrated database. */
export async function openStores(database: Database, options: StoreOptions): Promise<Stores> {
	const { pools, workflows, leaseMs, liveForMs, random = Math.random, loadMs = () => 15_000, terms = {} } = options;
	const { shedAfterMs = () => null, costMicroUsdPerHour = () => 0 } = options;
	await database.query(sql`insert into pools (id) select unnest(${[...pools]}::text[]) on conflict do nothing`);
	const index = createQueueIndex(database);
	const loads = createPoolLoads(database, index, liveForMs);
	const times = createServiceTimes(database);
	const forecasts = createForecasts(database);
	const placement = { ...PLACEMENT_DEFAULTS, ...options.placement };
	const { measuredLoads, loadTimes } = readLoads(times, loadMs);
	const accounts = createAccountStore(database);
	// What a training runs is known to jobs and found by nobody.
	const readWorkflow = createWorkflowReader([...workflows, trainLora]);
	const scheduling = { readWorkflow, liveForMs, placement, index, loads, times, loadTimes, shedAfterMs, costMicroUsdPerHour };
	return {
		loads,
		queue: createQueueReader(database, { index, liveForMs, terms }),
		modelFacts: createModelFactsReader(database, measuredLoads),
		steering: createSteering(database),
		stepCounts: createStepCounts(database),
		serviceWatch: createServiceWatch(database),
		planWaits: createPlanWaitReader(database),
		coverage: async (pool) => (await forecasts.of(pool)).calibration.coverage,
		times,
		jobs: createJobStore(database, {
			...scheduling,
			...{ leaseMs, random, forecasts, refreshLoads: () => loads.refresh() },
		}),
		batches: createBatchStore(database, readWorkflow),
		workflows: createWorkflowStore(database, readWorkflow, workflows),
		workers: createWorkerStore(database),
		engines: createEngineStore(database),
		nodes: createNodeStore(database, liveForMs),
		accounts,
		rateWindows: createRateWindows(database),
		lastUse: createLastUse(accounts),
		members: createMemberStore(database),
		deletions: createAccountDeletions(database),
		deletionNotices: createDeletionNotices(database),
		books: createBooks(database),
		promises: createPromiseReader(database),
		usage: createUsageReader(database),
		audit: createAuditLog(database),
		resultMails: createResultMails(database),
		assets: createAssetStore(database),
		trainings: createTrainingStore(database),
		idempotency: createIdempotencyStore(database),
		...{ webhooks: createWebhookStore(database), outbox: createOutbox(database) },
		blobIndex: createBlobIndex(database),
		...{ stored: createPictureStore(database), results: createResultCache(database) },
		gallery: createGallery(database),
		thumbnails: createThumbnailStore(database),
		accountRows: createAccountRows(database),
		secret: (name, make) => readSecret(database, name, make),
		forgetEarlierLife: () => forgetEarlierLife(database),
		ping: async () => void (await database.query(sql`select 1 as one`)),
	};
}

/** How long models take to load, in milliseconds: as measured, or else as the operator guesses. */
function readLoads(times: ServiceTimes, guessMs: (model: string) => number) {
	const measuredLoads = async () => {
		const measured = await times.read();
		return (model: string) => measured.get(timeKeys.load(model))?.value ?? null;
	};
	const loadTimes = async () => {
		const measured = await measuredLoads();
		return (model: string) => measured(model) ?? guessMs(model);
	};
	return { measuredLoads, loadTimes };
}

async function readSecret(database: Database, name: string, make: () => string): Promise<string> {
	await database.query(sql`insert into settings (name, value) values (${name}, ${make()}) on conflict do nothing`);
	const [row] = await database.query<{ value: string }>(sql`select value from settings where name = ${name}`);
	if (!row) throw new Error(`the setting ${name} is missing`);
	return row.value;
}
