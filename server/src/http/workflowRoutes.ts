import { randomBytes } from "node:crypto";
import { z } from "zod";
import { pageQuery } from "../contract/common.ts";
import {
	type CreateWorkflow,
	checkedWorkflow,
	createWorkflow,
	shareWorkflow,
	valuesSchema as valuesSchemaBody,
	workflowDetail,
	workflowList,
} from "../contract/workflow.ts";
import { GlassworksError } from "../domain/errors.ts";
import { canonicalJson } from "../domain/json.ts";
import type { Principal } from "../domain/plans/operatorConfig.ts";
import { type PreparedWorkflow, prepareWorkflow, type WorkflowProposal } from "../domain/workflows/prepareWorkflow.ts";
import { saveWorkflow, type WorkflowPorts } from "../domain/workflows/saveWorkflow.ts";
import { valuesSchema } from "../domain/workflows/workflowInput.ts";
import type { WorkflowRecord } from "../domain/workflows/workflowStore.ts";
import { principalOf } from "./authenticate.ts";
import type { App, HttpPorts } from "./ports.ts";
import { presentChecked, presentDetail, presentWorkflow } from "./presentWorkflow.ts";
import { renameFields } from "./renameFields.ts";
import { json, problems, security } from "./responses.ts";
import { sha256Hex } from "./sign.ts";
import { readReference, readStep, wirePath } from "./workflowNames.ts";

const common = { tags: ["Workflows"], security: security.key };
export const workflowParams = z.object({
	slug: z
		.string()
		.regex(/^[A-Za-z0-9_-]{1,100}$/)
		.describe("Its name, or the link it is shared by."),
});
const versionQuery = z.object({
	version: z.coerce.number().int().min(1).max(1_000_000).optional().describe("Left out: the newest."),
});
const refusals = ["unauthenticated", "forbidden", "not_found"] as const;

/** Editors save more than their graph: ComfyUI's own files reach half a megabyte. */
const maxWorkflowBytes = 2 * 1_048_576;

/** What workflows need of the ports, for every route about them. */
export function workflowPorts(ports: HttpPorts): WorkflowPorts {
	const dedicatedPools = (tenantId: string) => ports.steering.dedicatedPools(tenantId);
	return {
		...{ ...ports, config: ports.operator, liveForMs: ports.config.liveForMs, dedicatedPools },
		digest: (content) => sha256Hex(canonicalJson(content)),
		newLink: () => `wfs_${randomBytes(32).toString("base64url")}`,
	};
}

/** @throws {GlassworksError} not_found, for what others keep to themselves too */
export async function requireWorkflow(ports: HttpPorts, who: Principal, name: string, version?: number): Promise<WorkflowRecord> {
	const found = await ports.workflows.find(who, name, version);
	if (!found)
		throw new GlassworksError(
			"not_found",
			version === undefined ? "No workflow of that name." : "No such version of a workflow of that name.",
		);
	return found;
}

/** Workflows: those that ship, and an account's own. Running them is runRoutes. */
export function workflowRoutes(app: App, ports: HttpPorts): void {
	readRoutes(app, ports);
	saveRoute(app, ports);
	ownRoutes(app, ports);
}

function readRoutes(app: App, ports: HttpPorts): void {
	app.get(
		"/workflows",
		{
			schema: {
				...common,
				operationId: "listWorkflows",
				summary: "Workflows you may run",
				description: "Those that ship come first, on the first page; then your account's, newest first.",
				querystring: pageQuery,
				response: { 200: json("One page.", workflowList), ...problems("unauthenticated", "forbidden", "invalid_request") },
			},
		},
		async (request) => {
			const { limit, before = null } = request.query;
			const { records, next } = await ports.workflows.list(principalOf(request), { limit, before });
			return { data: [...(before === null ? ports.workflows.shipped() : []), ...records].map(presentWorkflow), next };
		},
	);

	app.get(
		"/workflows/:slug",
		{
			schema: {
				...common,
				operationId: "getWorkflow",
				summary: "A workflow: its inputs, steps and versions",
				params: workflowParams,
				querystring: versionQuery,
				response: { 200: json("The workflow.", workflowDetail), ...problems(...refusals, "invalid_request") },
			},
		},
		async (request) => {
			const found = await requireWorkflow(ports, principalOf(request), request.params.slug, request.query.version);
			return presentDetail(found, await versionsOf(ports, found));
		},
	);

	app.get(
		"/workflows/:slug/schema",
		{
			schema: {
				...common,
				operationId: "getWorkflowSchema",
				summary: "What a run may be given, as JSON Schema",
				params: workflowParams,
				querystring: versionQuery,
				response: { 200: json("The schema of a run's `inputs`.", valuesSchemaBody), ...problems(...refusals, "invalid_request") },
			},
		},
		async (request) => {
			const found = await requireWorkflow(ports, principalOf(request), request.params.slug, request.query.version);
			const { title, description, inputs } = found.workflow;
			return { $schema: "https://json-schema.org/draft/2020-12/schema", title, description, ...valuesSchema(inputs) };
		},
	);
}

async function versionsOf({ workflows }: HttpPorts, { id, tenantId }: WorkflowRecord) {
	return tenantId === null ? [] : workflows.versions(id);
}

function saveRoute(app: App, ports: HttpPorts): void {
	app.post(
		"/workflows",
		{
			config: { access: "generate" },
			bodyLimit: maxWorkflowBytes,
			schema: {
				...common,
				operationId: "createWorkflow",
				summary: "Save a workflow, or its next version",
				description:
					"Takes steps of your own, or a ComfyUI workflow in either of its formats, whose inputs are found and named. Versions never change; the same content again is the same version. `dry_run` saves nothing and tells everything that is wrong.",
				body: createWorkflow,
				response: {
					200: json("A dry run, or the newest version was the same already.", checkedWorkflow),
					201: json("Saved. `Location` is its address.", checkedWorkflow),
					...problems(
						...(["unauthenticated", "forbidden", "invalid_request", "malformed_body", "body_too_large", "unsupported_media_type"] as const),
						...(["workflow_invalid", "workflow_unsafe", "parts_missing", "workflow_name_taken", "workflow_limit"] as const),
					),
				},
			},
		},
		async (request, reply) => {
			const principal = principalOf(request);
			const proposal = readProposal(request.body);
			const { visibility, dry_run: isDry } = request.body;
			const save = () => saveWorkflow(workflowPorts(ports), principal, { ...proposal, visibility });
			if (isDry) {
				const prepared = await renameFields(() => prepareWorkflow(workflowPorts(ports), principal, proposal), wirePath);
				return presentChecked(false, unsaved(proposal, prepared, principal), prepared);
			}
			const { record, isNew, prepared } = await renameFields(save, wirePath);
			if (isNew) reply.code(201).header("location", `/api/v1/workflows/${record.workflow.slug}`);
			return presentChecked(isNew, record, prepared);
		},
	);
}

function readProposal(body: CreateWorkflow): WorkflowProposal {
	const { slug, title = slug, description, comfyui, finish, inputs, steps = [], result, original, aspect } = body;
	const named = inputs?.map(({ title: own, ...input }) => ({ ...input, title: own || input.name }));
	if (comfyui) {
		const bound = named?.map(({ optional: _optional, ...input }) => input) ?? null;
		return { slug, title, description, draft: { comfyui, inputs: bound, finish } };
	}
	const last = result ? readReference(result) : {};
	const draft = {
		inputs: named ?? [],
		steps: steps.map(readStep),
		result: last,
		original: original ? readReference(original) : last,
		aspect,
	};
	return { slug, title, description, draft: { steps: draft } };
}

function unsaved({ slug }: WorkflowProposal, { content }: PreparedWorkflow, { tenantId }: Principal): WorkflowRecord {
	return {
		...{ id: slug, tenantId, visibility: "private", link: null, newest: 1, savedAt: null },
		workflow: { ...content, slug, version: 1 },
	};
}

function ownRoutes(app: App, ports: HttpPorts): void {
	app.patch(
		"/workflows/:slug",
		{
			config: { access: "generate" },
			schema: {
				...common,
				operationId: "shareWorkflow",
				summary: "Change who may see and run a workflow",
				description: "Nothing else of it changes: a new version is saved with POST. A link that is taken back never works again.",
				params: workflowParams,
				body: shareWorkflow,
				response: { 200: json("The workflow.", workflowDetail), ...problems(...refusals, "invalid_request", "malformed_body") },
			},
		},
		async (request) => {
			const principal = principalOf(request);
			const { id } = await requireOwn(ports, principal, request.params.slug);
			const shared = await ports.workflows.share(principal, id, request.body.visibility, workflowPorts(ports).newLink());
			return presentDetail(shared, await versionsOf(ports, shared));
		},
	);

	app.delete(
		"/workflows/:slug",
		{
			config: { access: "generate" },
			schema: {
				...common,
				operationId: "archiveWorkflow",
				summary: "Put a workflow away",
				description: "Nobody can run it any more and its name is free again. Jobs that were accepted go on.",
				params: workflowParams,
				response: { 204: { description: "Put away." }, ...problems(...refusals) },
			},
		},
		async (request, reply) => {
			const principal = principalOf(request);
			const { id } = await requireOwn(ports, principal, request.params.slug);
			await ports.workflows.archive(principal, id);
			return reply.code(204).send();
		},
	);
}

/** @throws {GlassworksError} not_found; forbidden for one that ships */
async function requireOwn(ports: HttpPorts, who: Principal, name: string): Promise<WorkflowRecord> {
	const found = await requireWorkflow(ports, who, name);
	if (found.tenantId === null) throw new GlassworksError("forbidden", "This workflow ships with the platform.");
	return found;
}
