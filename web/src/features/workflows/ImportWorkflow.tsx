import { GlassworksApiError } from "@glassworks/sdk";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { api } from "../../api.ts";
import { Button } from "../../ui/Button.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { FileDrop } from "../../ui/FileDrop.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { PageHead } from "../../ui/PageHead.tsx";
import { ImportForm } from "./ImportForm.tsx";
import { readGraph, slugOf } from "./readGraph.ts";

/** A ComfyUI workflow becomes one of ours: dropped, checked, named, saved. */
export function ImportWorkflow() {
	const fixed = useSearchParams()[0].get("slug");
	const [unreadable, setUnreadable] = useState<string | null>(null);
	const check = useMutation({
		mutationFn: async (file: File) => {
			const graph = readGraph(await file.text());
			const slug = fixed ?? slugOf(file.name);
			return { graph, slug, checked: await api.workflows.save({ slug, comfyui: graph, dry_run: true }) };
		},
	});
	const read = async (file: File) => {
		setUnreadable(null);
		try {
			readGraph(await file.text());
			check.mutate(file);
		} catch (error) {
			setUnreadable(error instanceof Error ? error.message : "The file cannot be read.");
		}
	};
	return (
		<>
			<Link to="/workflows" className="w-fit text-sm text-ink-soft underline underline-offset-4 hover:text-ink">
				All workflows
			</Link>
			<PageHead
				title={fixed ? `The next version of ${fixed}` : "Import from ComfyUI"}
				lead="As its editor saves it, or as it exports it for the API. Nothing is saved before you have seen what became of it."
			/>
			{unreadable && <Notice title={unreadable}>In ComfyUI, use Save or Export (API), and drop that file.</Notice>}
			{check.isIdle && (
				<FileDrop label="Drop a workflow's JSON file, or choose one" accept=".json,application/json" onFile={(file) => void read(file)}>
					Its prompts, seeds, sizes and pictures become the fields of a form.
				</FileDrop>
			)}
			<ErrorNotice error={check.error} action={<Refused error={check.error} onDrop={() => check.reset()} />} />
			{check.isPending && (
				<p role="status" className="text-ink-soft">
					Checking it
				</p>
			)}
			{check.data && <ImportForm {...check.data} isFixed={fixed !== null} onDrop={() => check.reset()} />}
		</>
	);
}

/** Each place of the file that could not be read, by its node. */
function Refused({ error, onDrop }: { error: Error | null; onDrop(): void }) {
	const places = error instanceof GlassworksApiError ? error.fields : [];
	return (
		<div className="grid gap-3">
			<ul className="grid max-h-80 gap-1.5 overflow-y-auto">
				{places.map(({ path, message }) => (
					<li key={`${path.join(".")} ${message}`}>
						<span className="font-mono">{path.filter((part) => part !== "comfyui").join(".")}</span>: {message}
					</li>
				))}
			</ul>
			<Button className="w-fit" onClick={onDrop}>
				Another file
			</Button>
		</div>
	);
}
