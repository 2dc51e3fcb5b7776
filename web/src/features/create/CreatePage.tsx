import type { CreateGeneration } from "@glassworks/sdk";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { useSearchParams } from "react-router";
import { api } from "../../api.ts";
import { useSend } from "../../app/useSend.ts";
import { adviceFor } from "../../format/advice.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Feed } from "../jobs/Feed.tsx";
import { jobsStore } from "../jobs/jobsStore.ts";
import { useJobsState } from "../jobs/useJobs.ts";
import { PictureDialog } from "../picture/PictureDialog.tsx";
import { Composer } from "./Composer.tsx";
import { type Draft, toRequest } from "./draft.ts";
import { FormSkeleton } from "./FormSkeleton.tsx";
import { useDraft } from "./useDraft.ts";
import { useIncoming } from "./useIncoming.ts";

export function CreatePage() {
	const [draft, change] = useDraft();
	const promptRef = useRef<HTMLTextAreaElement>(null);
	const [search, setSearch] = useSearchParams();
	const { models, list, model, planMaxSide } = useModels(draft.model);
	const history = usePrompts();
	const send = useSend({
		mutationFn: (request: CreateGeneration) => api.generations.create(request),
		onSuccess: (job) => jobsStore.take(job),
	});

	const generate = () => {
		if (draft.prompt.trim() === "") promptRef.current?.focus();
		else if (!send.isPending) send.mutate(toRequest(draft));
	};
	const order = useOrder();
	useIncoming(change);
	const fill = (changes: Partial<Draft>) => {
		change(changes);
		requestAnimationFrame(() => promptRef.current?.focus());
	};
	return (
		<div className="grid flex-1 content-start lg:grid-cols-[minmax(22rem,26rem)_1fr]">
			<h1 className="sr-only">Create</h1>
			<div className="border-line p-4 pb-0 lg:sticky lg:top-14 lg:max-h-[calc(100dvh-3.5rem)] lg:scroll-pb-72 lg:overflow-y-auto lg:border-r lg:px-6 lg:pt-5">
				{models.isError && <Unreachable error={models.error} onRetry={() => void models.refetch()} />}
				{models.isPending && <FormSkeleton />}
				{model && (
					<Composer
						draft={draft}
						onChange={change}
						models={list}
						model={model}
						planMaxSide={planMaxSide}
						history={history}
						promptRef={promptRef}
						onGenerate={generate}
						isSending={send.isPending}
						sendError={send.error}
					/>
				)}
			</div>
			<Feed onOpen={(job, n) => setSearch({ picture: `${job.id}.${n}` })} onExample={(prompt) => fill({ prompt })} />
			<PictureDialog
				address={search.get("picture")}
				order={order}
				onMove={(picture) => setSearch({ picture }, { replace: true })}
				onClose={() => setSearch({}, { replace: true })}
				onUse={(changes) => {
					setSearch({}, { replace: true });
					fill(changes);
				}}
			/>
		</div>
	);
}

/** What can be asked for: the models, the one the form means, and the plan's limit. */
function useModels(name: string | null) {
	const models = useQuery({ queryKey: ["models"], queryFn: ({ signal }) => api.models.list({ signal }), refetchInterval: 30_000 });
	const account = useQuery({ queryKey: ["account"], queryFn: ({ signal }) => api.account.get({ signal }) });
	// The rest repaints only: that is the editor's.
	const list = (models.data ?? []).filter((entry) => entry.steps.includes("generate"));
	const model = list.find((entry) => entry.name === name) ?? list.find((entry) => entry.default) ?? list[0];
	return { models, list, model, planMaxSide: account.data?.limits.max_side ?? null };
}

function Unreachable({ error, onRetry }: { error: Error; onRetry(): void }) {
	const { title, advice } = adviceFor(error);
	return (
		<Notice title={title} action={<Button onClick={onRetry}>Try again</Button>}>
			{advice}
		</Notice>
	);
}

/** Finished pictures as the feed has them. */
function useOrder(): string[] {
	const { jobs } = useJobsState();
	return useMemo(
		() => (jobs ?? []).flatMap((job) => job.images.filter(({ status }) => status === "succeeded").map(({ n }) => `${job.id}.${n}`)),
		[jobs],
	);
}

/** Earlier prompts, newest first, each once. */
function usePrompts(): string[] {
	const { jobs } = useJobsState();
	return useMemo(() => [...new Set((jobs ?? []).map((job) => String(job.request.prompt ?? "")))].filter((prompt) => prompt !== ""), [jobs]);
}
