import type { CheckedWorkflow, CreateWorkflow, WorkflowInput } from "@glassworks/sdk";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api } from "../../api.ts";
import { Button } from "../../ui/Button.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Switch } from "../../ui/Switch.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { CheckReport } from "./CheckReport.tsx";
import { InputList } from "./InputList.tsx";

interface Props {
	graph: NonNullable<CreateWorkflow["comfyui"]>;
	checked: CheckedWorkflow;
	/** Proposed, or fixed where it is the next version of one there is. */
	slug: string;
	isFixed: boolean;
	onDrop(): void;
}

/** What was found in a file, what it is to be called, and which of its values a run may set. */
export function ImportForm({ graph, checked, slug: proposed, isFixed, onDrop }: Props) {
	const [slug, setSlug] = useState(proposed);
	const [title, setTitle] = useState("");
	const [finish, setFinish] = useState(true);
	const found = ofGraph(checked.workflow);
	const [inputs, setInputs] = useState<readonly WorkflowInput[]>(found);
	const save = useSave();
	return (
		<form
			aria-label="Import"
			className="grid max-w-4xl gap-8"
			onSubmit={(event) => {
				event.preventDefault();
				const named = title.trim() === "" ? {} : { title: title.trim() };
				if (!save.isPending) save.mutate({ slug, comfyui: graph, finish, inputs: [...inputs], ...named });
			}}
		>
			<CheckReport checked={checked} />
			<div className="grid gap-4 sm:grid-cols-2">
				<TextField
					label="Name in addresses"
					required
					readOnly={isFixed}
					value={slug}
					onChange={(event) => setSlug(event.target.value)}
					hint="Lower-case words joined by hyphens. A name you have already gets its next version."
				/>
				<TextField label="Title" value={title} maxLength={200} placeholder={slug} onChange={(event) => setTitle(event.target.value)} />
				<Switch
					label="Finish the picture"
					note="Restores faces and upscales what the graph drew, where a run wants it."
					checked={finish}
					onChange={setFinish}
				/>
			</div>
			<InputList inputs={inputs} found={found} onChange={setInputs} />
			<ErrorNotice error={save.error} />
			<div className="flex flex-wrap gap-2">
				<button
					type="submit"
					disabled={save.isPending || checked.problems.length > 0}
					className="molten min-h-11 rounded-xl px-5 text-[15px] font-semibold disabled:opacity-60"
				>
					{save.isPending ? "Saving" : "Save the workflow"}
				</button>
				<Button onClick={onDrop}>Another file</Button>
			</div>
		</form>
	);
}

/** Inputs that go into the graph; those of the finishing steps come with them by themselves. */
const ofGraph = ({ inputs }: CheckedWorkflow["workflow"]): readonly WorkflowInput[] => inputs.filter(({ bindings }) => bindings.length > 0);

function useSave() {
	const navigate = useNavigate();
	const queries = useQueryClient();
	return useMutation({
		mutationFn: (body: CreateWorkflow) => api.workflows.save(body),
		onSuccess: async ({ workflow }) => {
			await queries.invalidateQueries({ queryKey: ["workflows"] });
			await navigate(`/workflows/${workflow.slug}`);
		},
	});
}
