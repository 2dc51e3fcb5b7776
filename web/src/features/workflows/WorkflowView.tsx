import type { WorkflowDetail } from "@glassworks/sdk";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearchParams } from "react-router";
import { api } from "../../api.ts";
import { useSaved } from "../../format/useSaved.ts";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { PageHead } from "../../ui/PageHead.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { ApiPart } from "./ApiPart.tsx";
import { RunPart } from "./RunPart.tsx";
import type { Values } from "./runValues.ts";
import { SharePart } from "./SharePart.tsx";
import { StepsPart } from "./StepsPart.tsx";

/** A workflow under its name, or the link it is shared by. */
export function WorkflowView() {
	const { slug = "" } = useParams();
	const [search] = useSearchParams();
	const version = Number(search.get("version")) || undefined;
	const workflow = useQuery({
		queryKey: ["workflows", "one", slug, version],
		queryFn: ({ signal }) => api.workflows.get(slug, { version, signal }),
		staleTime: 30_000,
	});
	return (
		<>
			<Link to="/workflows" className="w-fit text-sm text-ink-soft underline underline-offset-4 hover:text-ink">
				All workflows
			</Link>
			{!workflow.data && <h1 className="sr-only">Workflow</h1>}
			<ErrorNotice error={workflow.error} onRetry={() => void workflow.refetch()} />
			{workflow.isPending && <Skeleton rows={4} className="h-20" />}
			{workflow.data && <Loaded key={`${slug} ${workflow.data.version}`} name={slug} workflow={workflow.data} />}
		</>
	);
}

const parts = [
	{ value: "run", label: "Run" },
	{ value: "steps", label: "Steps and versions" },
	{ value: "share", label: "Share" },
	{ value: "api", label: "API" },
] as const;

/** What a reload of the tab keeps. */
interface Form {
	values: Values;
	count: number;
}
const emptyForm: Form = { values: {}, count: 1 };
const isForm = (value: unknown): value is Form =>
	typeof value === "object" &&
	value !== null &&
	"values" in value &&
	typeof value.values === "object" &&
	value.values !== null &&
	"count" in value;

function Loaded({ name, workflow }: { name: string; workflow: WorkflowDetail }) {
	const [search, setSearch] = useSearchParams();
	const [{ values, count }, setForm] = useSaved<Form>(`glassworks.workflow.${name}.${workflow.version}`, emptyForm, isForm);
	const setValues = (next: Values) => setForm({ values: next, count });
	const setCount = (next: number) => setForm({ values, count: next });
	const isOwn = workflow.visibility !== "everyone" && !name.startsWith("wfs_");
	const shown = parts.filter(({ value }) => value !== "share" || isOwn);
	const part = shown.find(({ value }) => value === search.get("part"))?.value ?? "run";
	const isOld = workflow.version !== workflow.newest;
	const run = { values, count, version: isOld ? workflow.version : undefined };
	return (
		<>
			<PageHead title={workflow.title} lead={workflow.description || undefined} />
			{isOld && (
				<p className="text-sm text-ink-soft">
					This is version {workflow.version}.{" "}
					<Link to={`/workflows/${name}`} className="text-ember-ink underline underline-offset-4">
						The newest is {workflow.newest}
					</Link>
					.
				</p>
			)}
			<nav aria-label="Parts of the workflow" className="-mx-4 flex overflow-x-auto border-b border-line px-4 sm:mx-0 sm:px-0">
				{shown.map(({ value, label }) => (
					<button
						key={value}
						type="button"
						aria-current={part === value ? "page" : undefined}
						onClick={() =>
							setSearch(
								(before) => {
									before.set("part", value);
									return before;
								},
								{ replace: true },
							)
						}
						className="-mb-px flex min-h-11 shrink-0 items-center border-b-2 border-transparent px-3.5 text-sm font-medium text-ink-soft -outline-offset-2 hover:text-ink aria-[current=page]:border-ember aria-[current=page]:text-ink"
					>
						{label}
					</button>
				))}
			</nav>
			{part === "run" && <RunPart name={name} workflow={workflow} run={run} onValues={setValues} onCount={setCount} />}
			{part === "steps" && <StepsPart name={name} workflow={workflow} />}
			{part === "share" && <SharePart workflow={workflow} />}
			{part === "api" && <ApiPart name={name} workflow={workflow} run={run} />}
		</>
	);
}
