import { GlassworksError } from "../errors.ts";
import { quoteRequest, type SubmitPorts } from "../jobs/submitJob.ts";
import type { Json, JsonObject } from "../json.ts";
import type { Principal } from "../plans/operatorConfig.ts";
import type { Quote } from "../pricing/quote.ts";
import { checkContent, sortSteps } from "./checkContent.ts";
import { samplesOf } from "./checkParams.ts";
import { type GraphProposal, importGraph, type MissingParts, type Problem } from "./importGraph.ts";
import { type Workflow, workflow } from "./workflow.ts";
import type { WorkflowContent } from "./workflowStore.ts";

/** What an author sends: steps of their own, or ComfyUI's JSON. */
export interface WorkflowProposal {
	slug: string;
	title: string;
	description: string;
	draft: { steps: JsonObject } | GraphProposal;
}

/** A workflow as it would be saved, and all that is to be said about it. */
export interface PreparedWorkflow {
	content: WorkflowContent;
	/** Empty: it can be saved. */
	problems: Problem[];
	missing: MissingParts;
	/** Of a run with the inputs' defaults; null when it cannot be told. */
	quote: Quote | null;
}

/** Converts, checks and prices a workflow without saving it. @throws {GlassworksError} invalid_request, parts_missing, workflow_invalid */
export async function prepareWorkflow(ports: SubmitPorts, principal: Principal, proposal: WorkflowProposal): Promise<PreparedWorkflow> {
	const { slug, title, description, draft } = proposal;
	const plan = ports.config.plans[principal.plan];
	if (!plan) throw new GlassworksError("forbidden", "Your plan is not one that this server has.");
	const imported = "steps" in draft ? null : importGraph(draft, await ports.nodes.catalogue(), { config: ports.config, plan });
	const read = readContent({ slug, title, description, ...(imported?.content ?? ("steps" in draft ? draft.steps : {})) });
	const steps = checkContent(read, ports.config);
	const sorted: Workflow = steps.length > 0 ? read : { ...read, steps: sortSteps(read.steps) };
	const { slug: _slug, version: _version, ...content } = sorted;
	const names = ports.workflows.shipped().some(({ id }) => id === slug);
	const problems: Problem[] = [
		...(names ? [{ about: "steps" as const, path: ["slug"], message: "is the name of a workflow that ships" }] : []),
		...steps.map((fault) => ({ about: "steps" as const, ...fault })),
		...(imported?.problems ?? []),
	];
	const priced = problems.length > 0 ? null : await priceExample(ports, principal, sorted);
	return {
		content,
		problems: [...problems, ...(priced?.problems ?? [])],
		missing: imported?.missing ?? { nodes: [], files: [] },
		quote: priced?.quote ?? null,
	};
}

function readContent(sent: object): Workflow {
	const parsed = workflow.safeParse({ ...sent, version: 1, takes: "values" });
	if (parsed.success) return parsed.data;
	const fields = parsed.error.issues.slice(0, 50).map(({ path, message }) => ({
		path: path.filter((part) => typeof part !== "symbol"),
		message,
	}));
	const [first] = fields;
	throw new GlassworksError("workflow_invalid", `${first?.path.join(".") ?? ""}: ${first?.message ?? "cannot be read"}.`, {}, fields);
}

/** A run with the inputs' defaults, and something in the place of those that have none. */
async function priceExample(ports: SubmitPorts, principal: Principal, of: Workflow): Promise<Pick<PreparedWorkflow, "problems" | "quote">> {
	const record = {
		id: of.slug,
		tenantId: principal.tenantId,
		visibility: "private" as const,
		link: null,
		newest: 1,
		savedAt: null,
		workflow: of,
	};
	const given = of.inputs.filter((input) => !input.optional || input.default !== null);
	const values = Object.fromEntries(given.map((input) => [input.name, example(input)]));
	try {
		const run = { record, values, count: 1, embedRecipe: false, runAfter: null, metadata: {} };
		return { problems: [], quote: await quoteRequest(ports, principal, run) };
	} catch (error) {
		if (!(error instanceof GlassworksError) || error.code === "forbidden") throw error;
		if (error.code === "parts_missing") return { problems: [], quote: null };
		const about = error.code === "workflow_unsafe" ? "safety" : "plan";
		const fields = error.fields.length > 0 ? error.fields : [{ path: [], message: error.message }];
		return { problems: fields.map(({ path, message }) => ({ about, path, message })), quote: null };
	}
}

/** Every model draws this size, and every plan includes it. */
const exampleSidePx = 512;

function example(input: Workflow["inputs"][number]): Json {
	const [first = null] = samplesOf(input);
	return input.type === "picture" ? { ...(first as JsonObject), widthPx: exampleSidePx, heightPx: exampleSidePx } : first;
}
