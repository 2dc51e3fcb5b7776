import type { Asked, AssetBody, Caller, Door, JobEventBody } from "../contract/door.ts";
import { createEdit } from "../contract/edit.ts";
import { createGeneration } from "../contract/generation.ts";
import { runWorkflow } from "../contract/workflow.ts";
import { prepareEdit } from "../domain/edits/prepareEdit.ts";
import { GlassworksError, isRetryable } from "../domain/errors.ts";
import { announce, announceAccepted } from "../domain/jobs/announce.ts";
import type { Job } from "../domain/jobs/job.ts";
import { type JobRequest, submitJob } from "../domain/jobs/submitJob.ts";
import { canonicalJson } from "../domain/json.ts";
import type { Principal, Scope } from "../domain/plans/operatorConfig.ts";
import type { RequestWebhook } from "../domain/webhooks/eventTypes.ts";
import { editPortsOf } from "./editRoutes.ts";
import { parseFields } from "./fieldErrors.ts";
import { followJob } from "./followJob.ts";
import { limitSubmit } from "./limitRequests.ts";
import { assetLink } from "./links.ts";
import { requirePicture } from "./pictureOf.ts";
import type { HttpPorts } from "./ports.ts";
import { presentEvent, presentJob } from "./presentJob.ts";
import { presentAsset } from "./presentServer.ts";
import { presentWorkflow } from "./presentWorkflow.ts";
import { readEdit } from "./readEdit.ts";
import { readGeneration } from "./readGeneration.ts";
import { admitPicture } from "./readPicture.ts";
import { readRequestWebhook } from "./readWebhook.ts";
import { readSignedLink, sha256Hex, signLink } from "./sign.ts";
import { withRun } from "./withRun.ts";

/** As many events as a job's followers are told at once. */
const maxEvents = 1_000;
const workflowsAtOnce = 100;

/** The native API as calls, for dialects. Each does what the route of the same name does, by the same functions. */
export function createDoor(ports: HttpPorts, stopping: AbortSignal): Door {
	const enter: Door["enter"] = (principal, counted) => createCaller(ports, principal, stopping, counted);
	return {
		...{ publicUrl: ports.config.publicUrl, version: ports.config.version, operator: ports.operator, stopping, enter },
		maxPictureBytes: ports.config.limits.maxPictureBytes,
		async enterSigned(path, query) {
			const claims = readSignedLink(ports.signingKey, path, new URLSearchParams(query));
			if (!claims.tenant) throw new GlassworksError("forbidden", "The link's signature does not match.");
			// Whoever holds a link may do what it says; nothing that is charged.
			return { claims, caller: enter({ tenantId: claims.tenant, plan: "", keyId: null, userId: null, scopes: ["read"] }) };
		},
	};
}

function createCaller(ports: HttpPorts, principal: Principal, stopping: AbortSignal, counted = 0): Caller {
	const { tenantId } = principal;
	const { jobs } = ports;
	let countedAhead = counted;
	const needScope = (scope: Scope) => requireScope(principal, scope);
	const present = async (found: Job) => presentJob(ports, found, (await jobs.waiting([found])).get(found.id) ?? null);
	return {
		tenantId,
		needScope,
		async accept(asked, once = null) {
			needScope("generate");
			if (countedAhead-- <= 0) await limitSubmit(ports, principal);
			return present(await acceptOnce(ports, principal, asked, once));
		},
		job: async (id) => present(await jobs.get(tenantId, id)),
		async jobs({ limit, before }) {
			const page = await jobs.list(tenantId, { limit, before, status: null });
			return { data: await Promise.all(page.jobs.map(present)), next: page.next };
		},
		async cancel(id) {
			needScope("generate");
			announce(ports.bus, await jobs.cancel(tenantId, id));
			return present(await jobs.get(tenantId, id));
		},
		events: async (id) => (await jobs.events(tenantId, id, 0, maxEvents)).map(presentEvent),
		follow: (jobId, onEvent, signal) => follow(ports, { tenantId, jobId, stop: stopping }, onEvent, signal),
		async picture(jobId, n) {
			const ref = await requirePicture(ports.workflows, await jobs.get(tenantId, jobId), n, "result");
			return { bytes: await ports.blobs.get(tenantId, ref.sha256), mediaType: ref.mediaType };
		},
		...assetCalls(ports, principal),
		async workflows(before) {
			const own = await ports.workflows.list(principal, { limit: workflowsAtOnce, before });
			const shipped = before === null ? ports.workflows.shipped() : [];
			return { data: [...shipped, ...own.records].map(presentWorkflow), next: own.next };
		},
		async workflow(name) {
			const found = await ports.workflows.find(principal, name);
			return found && presentWorkflow(found);
		},
		encode: (bytes, format) => ports.pictures.encode(bytes, { format, quality: 90 }),
		async webhookSecret() {
			needScope("manage");
			return (await ports.webhooks.secret(tenantId, null, ports.newWebhookSecret())).secret;
		},
		sign: (path, claims) => signLink(ports.signingKey, path, { ...claims, tenant: tenantId }, ports.config.limits.linkTtlMs),
	};
}

type AssetCalls = Pick<Caller, "upload" | "reserve" | "asset" | "assets" | "deleteAsset">;

function assetCalls(ports: HttpPorts, principal: Principal): AssetCalls {
	const { tenantId } = principal;
	return {
		upload: (bytes, as = ports.newId("asset")) => keepAsset(ports, tenantId, as, bytes),
		reserve() {
			const id = ports.newId("asset");
			return { id, url: assetLink(ports, tenantId, id) };
		},
		asset: async (id) => presentAsset(ports, await ports.assets.get(tenantId, id)),
		async assets(page) {
			const { assets, next } = await ports.assets.list(tenantId, page);
			return { data: assets.map((asset) => presentAsset(ports, asset)), next };
		},
		async deleteAsset(id) {
			requireScope(principal, "generate");
			await ports.sweeper.remove((await ports.stored.deleteAsset(tenantId, id)).blobs);
		},
	};
}

function requireScope({ scopes }: Principal, scope: Scope): void {
	if (!scopes.includes(scope)) throw new GlassworksError("forbidden", `This key lacks the scope \`${scope}\`.`);
}

async function keepAsset(ports: HttpPorts, tenantId: string, id: string, bytes: Uint8Array): Promise<AssetBody> {
	const picture = await admitPicture(ports, tenantId, bytes);
	return presentAsset(ports, await ports.assets.create({ id, tenantId, picture }));
}

function follow(
	ports: HttpPorts,
	{ tenantId, jobId, stop }: { tenantId: string; jobId: string; stop: AbortSignal },
	tell: (event: JobEventBody) => void,
	closed: AbortSignal,
): Promise<void> {
	const pollMs = ports.config.limits.streamPollMs;
	return followJob(ports, { event: tell, passing: tell, closed }, { tenantId, jobId, after: 0, pollMs, stop });
}

/** A repeat gets the job that was accepted, however far it is. */
async function acceptOnce(
	ports: HttpPorts,
	principal: Principal,
	asked: Asked,
	once: { key: string; content: unknown } | null,
): Promise<Job> {
	if (!once) return accept(ports, principal, asked, null);
	const { key, content } = once;
	const replay = await ports.idempotency.begin(principal.tenantId, key, sha256Hex(canonicalJson(content)));
	if (replay.kind === "accepted") return ports.jobs.get(principal.tenantId, replay.jobId);
	if (replay.kind === "replay")
		throw new GlassworksError("idempotency_key_reused", "This Idempotency-Key was used at another address. Use a new key.");
	try {
		return await accept(ports, principal, asked, key);
	} catch (error) {
		if (error instanceof GlassworksError && !isRetryable(error.code)) await ports.idempotency.abandon(principal.tenantId, key);
		throw error;
	}
}

async function accept(ports: HttpPorts, principal: Principal, asked: Asked, key: string | null): Promise<Job> {
	const submitPorts = editPortsOf(ports);
	const accepted = await read(ports, principal, asked, (request, webhook) => submitJob(submitPorts, principal, request, key, webhook));
	announceAccepted(ports.bus, accepted);
	return accepted;
}

async function read(
	ports: HttpPorts,
	principal: Principal,
	asked: Asked,
	submit: (request: JobRequest, webhook: RequestWebhook | null) => Promise<Job>,
): Promise<Job> {
	switch (asked.kind) {
		case "generation": {
			const body = parseFields(createGeneration, asked.body);
			const webhook = await readRequestWebhook(ports, body);
			return submit(await readGeneration(ports, principal.tenantId, body), webhook);
		}
		case "edit": {
			const body = parseFields(createEdit, asked.body);
			const webhook = await readRequestWebhook(ports, body);
			return submit(await prepareEdit(editPortsOf(ports), principal, await readEdit(ports, principal.tenantId, body)), webhook);
		}
		case "run": {
			const body = parseFields(runWorkflow, asked.body);
			const webhook = await readRequestWebhook(ports, body);
			return withRun(ports, principal, asked.workflow, body, (request) => submit(request, webhook));
		}
	}
}
