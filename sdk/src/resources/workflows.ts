import type { Transport } from "../http/transport.ts";
import type {
	CheckedWorkflow,
	CreateWorkflow,
	ForetoldQuote,
	Job,
	JsonObject,
	RunWorkflow,
	ShareWorkflow,
	Workflow,
	WorkflowDetail,
	WorkflowPage,
} from "../types.ts";
import type { CreateOptions } from "./generations.ts";
import { iteratePages } from "./iteratePages.ts";

interface Signalled {
	signal?: AbortSignal;
}
interface Versioned extends Signalled {
	/** Default: the newest. */
	version?: number;
}
export interface ListWorkflowsOptions extends Signalled {
	/** Of your own per page, 1 to 100; those that ship come in addition, on the first. Default: the server's, 20. */
	limit?: number;
	/** `next` of the page before. */
	before?: string;
}

export function workflows(transport: Transport) {
	// Names come from callers: escaped, so that no name reaches another route.
	const pathOf = (slug: string, below = "") => `/api/v1/workflows/${encodeURIComponent(slug)}${below}`;
	const list = ({ signal, ...query }: ListWorkflowsOptions = {}): Promise<WorkflowPage> =>
		transport.json<WorkflowPage>("/api/v1/workflows", { query, signal });

	return {
		/** One page: those that ship, then your own, newest first. */
		list,
		/** Every workflow you may run, page by page as they are consumed. */
		iterate: (options: Omit<ListWorkflowsOptions, "before"> = {}): AsyncGenerator<Workflow, void, undefined> =>
			iteratePages((before) => list({ ...options, before })),
		/** Inputs, steps and versions. `slug` may also be a link that was shared. @throws {GlassworksApiError} not_found */
		get: (slug: string, { signal, ...query }: Versioned = {}): Promise<WorkflowDetail> =>
			transport.json<WorkflowDetail>(pathOf(slug), { query, signal }),
		/** JSON Schema of what a run may be given. @throws {GlassworksApiError} not_found */
		schema: (slug: string, { signal, ...query }: Versioned = {}): Promise<JsonObject> =>
			transport.json<JsonObject>(pathOf(slug, "/schema"), { query, signal }),
		/**
		 * Saves steps of your own, or a ComfyUI workflow in either of its formats; a name you have already gets its next version. With
		 * `dry_run` nothing is saved and everything that is wrong is told.
		 * @throws {GlassworksApiError} workflow_invalid, workflow_unsafe, parts_missing, workflow_name_taken
		 */
		save: (workflow: CreateWorkflow, { signal }: Signalled = {}): Promise<CheckedWorkflow> =>
			transport.json<CheckedWorkflow>("/api/v1/workflows", { method: "POST", json: workflow, signal }),
		/** Who may see and run it. @throws {GlassworksApiError} not_found */
		share: (slug: string, visibility: ShareWorkflow["visibility"], { signal }: Signalled = {}): Promise<WorkflowDetail> =>
			transport.json<WorkflowDetail>(pathOf(slug), { method: "PATCH", json: { visibility }, signal }),
		/** Puts it away: nobody can run it any more, and jobs that were accepted go on. @throws {GlassworksApiError} not_found */
		archive: async (slug: string, { signal }: Signalled = {}): Promise<void> => {
			await transport.json<undefined>(pathOf(slug), { method: "DELETE", signal });
		},
		/** Runs it and returns the job at once; `jobs.wait` waits for the pictures. @throws {GlassworksApiError} */
		run(slug: string, request: RunWorkflow = {}, { idempotencyKey = crypto.randomUUID(), signal }: CreateOptions = {}): Promise<Job> {
			const headers = { "idempotency-key": idempotencyKey };
			return transport.json<Job>(pathOf(slug, "/runs"), { method: "POST", json: request, headers, signal });
		},
		/** The price of a run and the steps it would skip; nothing is queued or charged. */
		quote: (slug: string, request: RunWorkflow = {}, { signal }: Signalled = {}): Promise<ForetoldQuote> =>
			transport.json<ForetoldQuote>(pathOf(slug, "/runs/quotes"), { method: "POST", json: request, signal }),
	};
}
