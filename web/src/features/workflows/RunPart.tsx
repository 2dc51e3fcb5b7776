import { GlassworksApiError, type JsonObject, type WorkflowDetail, type WorkflowInput } from "@glassworks/sdk";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api.ts";
import { useSend } from "../../app/useSend.ts";
import { count } from "../../format/count.ts";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Down } from "../../ui/icons.tsx";
import { NumberField } from "../../ui/NumberField.tsx";
import { Ticket } from "../create/Ticket.tsx";
import { useDebounced } from "../create/useDebounced.ts";
import { jobsStore } from "../jobs/jobsStore.ts";
import { InputField } from "./InputField.tsx";
import { RunResults } from "./RunResults.tsx";
import { forQuote, isRequired, missing, toInputs, type Values } from "./runValues.ts";

/** What is on the form. */
export interface Run {
	values: Values;
	count: number;
	/** Undefined: the newest. */
	version: number | undefined;
}

interface Props {
	/** Its slug or shared link: what the API is asked by. */
	name: string;
	workflow: WorkflowDetail;
	run: Run;
	onValues(values: Values): void;
	onCount(count: number): void;
}

export const bodyOf = (workflow: WorkflowDetail, { values, count, version }: Run): JsonObject => ({
	inputs: toInputs(workflow.inputs, values),
	...(count !== 1 && { count }),
	...(version !== undefined && { version }),
});

export function RunPart({ name, workflow, run, onValues, onCount }: Props) {
	const lacking = missing(workflow.inputs, run.values);
	const [isTried, setTried] = useState(false);
	const quote = useRunQuote(name, workflow, run);
	const send = useSend({
		mutationFn: () => api.workflows.run(name, bodyOf(workflow, run)),
		onSuccess: (job) => jobsStore.take(job),
	});
	const problems = problemsOf(send.error ?? quote.error);
	const isNamed = Object.keys(problems).length > 0;
	return (
		<div className="grid items-start gap-x-10 gap-y-8 lg:grid-cols-[minmax(20rem,28rem)_minmax(0,1fr)]">
			<form
				aria-label="Run"
				className="grid min-w-0 gap-5"
				onSubmit={(event) => {
					event.preventDefault();
					setTried(true);
					if (lacking.length === 0 && !send.isPending) send.mutate();
				}}
			>
				<Inputs inputs={workflow.inputs} values={run.values} problems={problems} onValues={onValues} />
				<NumberField label="Pictures" value={run.count} onChange={(value) => onCount(value ?? 1)} min={1} max={100} placeholder="1" />
				<div className="grid gap-4 bg-canvas lg:sticky lg:bottom-0 lg:pb-4">
					{lacking.length > 0 ? (
						<p role={isTried ? "alert" : undefined} className={`text-sm ${isTried ? "text-alarm-ink" : "text-ink-soft"}`}>
							Still to give: {lacking.join(", ")}.
						</p>
					) : null}
					<Ticket quote={quote.data} count={run.count} error={isNamed ? null : quote.error} />
					<ErrorNotice error={isNamed ? null : send.error} />
					<button
						type="submit"
						disabled={send.isPending}
						className="molten h-12 rounded-xl text-base font-semibold hover:brightness-105 disabled:opacity-60"
					>
						{send.isPending ? "Sending" : run.count === 1 ? "Run" : `Run for ${run.count} pictures`}
					</button>
				</div>
			</form>
			<RunResults slug={workflow.slug} />
		</div>
	);
}

interface InputsProps {
	inputs: readonly WorkflowInput[];
	values: Values;
	problems: Record<string, string>;
	onValues(values: Values): void;
}

/** A longer form is folded: what a run is about stands open. */
const longForm = 8;

function Inputs({ inputs, values, problems, onValues }: InputsProps) {
	const isAbout = (input: WorkflowInput) => inputs.length <= longForm || isRequired(input) || /prompt|image|model/.test(input.name);
	const field = (input: WorkflowInput) => (
		<InputField
			key={input.name}
			input={input}
			value={values[input.name]}
			problem={problems[input.name]}
			onChange={(value) => onValues({ ...values, [input.name]: value })}
		/>
	);
	const rest = inputs.filter((input) => !isAbout(input));
	return (
		<>
			{inputs.filter(isAbout).map(field)}
			{rest.length > 0 && (
				<details className="group rounded-xl border border-line" open={rest.some(({ name }) => name in problems) || undefined}>
					<summary className="flex min-h-11 items-center justify-between rounded-xl px-3.5 text-sm font-medium hover:bg-raised">
						{count(rest.length, "more setting")}
						<span className="text-ink-soft transition-transform group-open:rotate-180">
							<Down />
						</span>
					</summary>
					<div className="grid gap-5 border-t border-line p-3.5">{rest.map(field)}</div>
				</details>
			)}
		</>
	);
}

function useRunQuote(name: string, workflow: WorkflowDetail, { values, count, version }: Run) {
	const asked = { inputs: forQuote(workflow.inputs, values), count, version };
	const settled = useDebounced(JSON.stringify(asked), 300);
	return useQuery({
		queryKey: ["workflows", "quote", name, settled],
		queryFn: ({ signal }) => api.workflows.quote(name, JSON.parse(settled), { signal }),
		// Words do not change the price; a picture that is missing keeps it from being told.
		enabled: missing(workflow.inputs, asked.inputs).length === 0,
		placeholderData: keepPreviousData,
	});
}

/** What is wrong, by the input it is about. */
function problemsOf(error: unknown): Record<string, string> {
	if (!(error instanceof GlassworksApiError)) return {};
	return Object.fromEntries(
		error.fields.flatMap(({ path, message }) => (path[0] === "inputs" && path[1] !== undefined ? [[String(path[1]), message]] : [])),
	);
}
