import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { beat, finish, uploaded, uploadedFile } from "../../contract/worker.ts";
import { type ErrorCode, errorTable, GlassworksError } from "../../domain/errors.ts";
import type { BlobRef } from "../../domain/jobs/job.ts";
import type { Lease } from "../../domain/jobs/jobStore.ts";
import type { WorkOutcome } from "../../domain/jobs/taskSource.ts";
import { mediaTypes } from "../../domain/ports.ts";
import { checkLoraFile } from "../../domain/trainings/checkLoraFile.ts";
import { maxLoraBytes } from "../../domain/trainings/training.ts";
import { deliverPicture } from "../deliver.ts";
import type { App, HttpPorts } from "../ports.ts";
import { bytes, json, problems, security } from "../responses.ts";
import { readSignedLink } from "../sign.ts";
import { admitOutput } from "./admitOutput.ts";
import { workerOf } from "./authenticateWorker.ts";

const maxPreviewBytes = 512 * 1_024;
const taskParams = z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });
const roleParams = taskParams.extend({ role: z.string().regex(/^[a-z0-9_]{1,32}$/) });
const attemptQuery = z.object({ attempt: z.coerce.number().int().min(0).max(1_000_000) });
const leaseProblems = ["unauthenticated", "lease_lost", "not_found", "invalid_request"] as const;

/** What a worker does about a task it holds. Every route answers `lease_lost` once it no longer does. */
export function taskRoutes(app: App, ports: HttpPorts): void {
	const passBytes = (_request: FastifyRequest, body: Buffer, done: (error: null, value: Buffer) => void) => done(null, body);
	app.addContentTypeParser<Buffer>(/^(image\/|application\/octet-stream)/, { parseAs: "buffer" }, passBytes);
	progressRoutes(app, ports);
	inputRoute(app, ports);
	outputRoute(app, ports);
	fileRoute(app, ports);

	app.post(
		"/tasks/:id/finish",
		{
			bodyLimit: 4 * 1_048_576,
			schema: {
				operationId: "workerFinish",
				tags: ["Worker protocol"],
				summary: "Say how an attempt ended",
				security: security.worker,
				params: taskParams,
				body: finish,
				response: { 204: { description: "Taken." }, ...problems(...leaseProblems, "engine_invalid", "malformed_body", "body_too_large") },
			},
		},
		async (request, reply) => {
			const { body } = request;
			const lease = leaseOf(request, request.params.id, body.attempt);
			await ports.jobs.checkLease(lease);
			if (body.kind === "succeeded") requireSameOutputs(body.outputs, await ports.assets.uploads(lease));
			await ports.dispatcher.finish(lease, readOutcome(body));
			return reply.code(204).send();
		},
	);
}

function progressRoutes(app: App, ports: HttpPorts): void {
	app.post(
		"/tasks/:id/progress",
		{
			schema: {
				operationId: "workerProgress",
				tags: ["Worker protocol"],
				summary: "Keep the lease, and say how far it is",
				security: security.worker,
				params: taskParams,
				body: beat,
				response: { 204: { description: "The lease is good for another term." }, ...problems(...leaseProblems, "malformed_body") },
			},
		},
		async (request, reply) => {
			const { attempt, ...progress } = request.body;
			await ports.dispatcher.progress(leaseOf(request, request.params.id, attempt), progress);
			return reply.code(204).send();
		},
	);

	app.put(
		"/tasks/:id/preview",
		{
			bodyLimit: maxPreviewBytes,
			schema: {
				operationId: "workerPreview",
				tags: ["Worker protocol"],
				summary: "Show the work so far",
				security: security.worker,
				params: taskParams,
				querystring: attemptQuery,
				response: {
					204: { description: "Shown to whoever follows." },
					...problems(...leaseProblems, "body_too_large", "picture_unsupported", "picture_corrupt"),
				},
			},
		},
		async (request, reply) => {
			const lease = leaseOf(request, request.params.id, request.query.attempt);
			await ports.jobs.checkLease(lease);
			await ports.dispatcher.preview(
				lease,
				await ports.pictures.encode(bodyBytes(request), { format: "jpeg", quality: 70, maxSidePx: 256 }),
			);
			return reply.code(204).send();
		},
	);
}

function inputRoute(app: App, ports: HttpPorts): void {
	app.get(
		"/tasks/:id/inputs/:role",
		{
			exposeHeadRoute: false,
			schema: {
				operationId: "workerInput",
				tags: ["Worker protocol"],
				summary: "A picture or file the step starts from",
				description: "Only by the signed address that came with the work, and only while the lease holds.",
				security: security.worker,
				params: roleParams,
				response: {
					200: bytes("The picture.", ...mediaTypes, "application/octet-stream"),
					...problems(...leaseProblems, "forbidden", "expired", "model_missing"),
				},
			},
		},
		async (request, reply) => {
			const [path = "", search = ""] = request.url.split("?", 2);
			const claims = readSignedLink(ports.signingKey, path, new URLSearchParams(search));
			if (claims.worker !== workerOf(request).id) throw new GlassworksError("forbidden", "The link was made for another worker.");
			const { tenantId } = await ports.jobs.checkLease(leaseOf(request, request.params.id, Number(claims.attempt)));
			if (claims.media_type === "application/octet-stream") {
				const file = await ports.dispatcher.readFile(leaseOf(request, request.params.id, Number(claims.attempt)), claims.sha256 ?? "");
				return reply.type(claims.media_type).send(file) as never;
			}
			const picture = { sha256: claims.sha256 ?? "", mediaType: claims.media_type as BlobRef["mediaType"], bytes: Number(claims.bytes) };
			return deliverPicture(request, reply, ports.blobs, { tenantId, picture, name: request.params.role }) as never;
		},
	);
}

function outputRoute(app: App, ports: HttpPorts): void {
	app.put(
		"/tasks/:id/outputs/:role",
		{
			bodyLimit: ports.config.limits.maxOutputBytes,
			schema: {
				operationId: "workerOutput",
				tags: ["Worker protocol"],
				summary: "Hand in a picture",
				description: "Durable once answered. Checked like a user's upload; metadata is dropped.",
				security: security.worker,
				params: roleParams,
				querystring: attemptQuery,
				response: {
					200: json("What was kept.", uploaded),
					...problems(
						...leaseProblems,
						"body_too_large",
						"picture_unsupported",
						"picture_corrupt",
						"picture_too_large",
						"picture_polyglot",
						"decode_limit",
					),
				},
			},
		},
		async (request) => {
			const lease = leaseOf(request, request.params.id, request.query.attempt);
			const step = await ports.jobs.checkLease(lease);
			return ports.dispatcher.writeOutput(lease, request.params.role, await admitOutput(ports, step, bodyBytes(request)));
		},
	);
}

function fileRoute(app: App, ports: HttpPorts): void {
	app.put(
		"/tasks/:id/files/:role",
		{
			bodyLimit: maxLoraBytes,
			schema: {
				operationId: "workerFile",
				tags: ["Worker protocol"],
				summary: "Hand in a LoRA that was trained",
				description: "Durable once answered. Only safetensors files are taken.",
				security: security.worker,
				params: roleParams,
				querystring: attemptQuery,
				response: { 200: json("What was kept.", uploadedFile), ...problems(...leaseProblems, "body_too_large", "engine_invalid") },
			},
		},
		async (request) => {
			const bytes = bodyBytes(request);
			const lease = leaseOf(request, request.params.id, request.query.attempt);
			await ports.jobs.checkLease(lease);
			checkLoraFile(bytes);
			return ports.dispatcher.writeFile(lease, request.params.role, bytes);
		},
	);
}

function leaseOf(request: FastifyRequest, taskId: number, attempt: number): Lease {
	return { taskId, attempt, workerId: workerOf(request).id };
}

function bodyBytes(request: FastifyRequest): Uint8Array {
	if (request.body instanceof Uint8Array) return request.body;
	throw new GlassworksError("unsupported_media_type", "Send the picture itself with its own content type.");
}

/** What a worker says it made must be what it handed in. */
function requireSameOutputs(said: Record<string, string>, stored: Record<string, BlobRef>): void {
	for (const role of new Set([...Object.keys(said), ...Object.keys(stored)]))
		if (said[role] === undefined || said[role] !== stored[role]?.sha256)
			throw new GlassworksError("engine_invalid", `The output "${role}" is not what was handed in for this attempt.`);
}

function readOutcome(body: z.infer<typeof finish>): WorkOutcome {
	if (body.kind === "succeeded") return { kind: "succeeded", data: body.data, ms: body.ms };
	if (body.kind === "released") return { kind: "released" };
	const code: ErrorCode = Object.hasOwn(errorTable, body.code) ? (body.code as ErrorCode) : "internal";
	return { kind: "failed", failure: { code, message: tellable(body.message) }, retryable: body.retryable };
}

/** Why a step failed is told to its tenant, so it holds neither traceback nor path, whatever a worker sends. */
function tellable(message: string): string {
	const isPlain = !/[\r\n]|traceback|(^|[\s"'(=])(~?[\\/]|[a-z]:[\\/])[\w.-]+[\\/]/i.test(message);
	return isPlain ? message : "The worker gave no reason that can be shown.";
}
