import type { Engine, EngineReport, TestedEngine, Worker } from "@glassworks/sdk";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, patientApi } from "../../api.ts";
import { took } from "../../format/duration.ts";
import { moment } from "../../format/moment.ts";
import { Button } from "../../ui/Button.tsx";
import { DataTable } from "../../ui/DataTable.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Form } from "../../ui/Form.tsx";
import { HotButton } from "../../ui/HotButton.tsx";
import { ListStatus } from "../../ui/ListStatus.tsx";
import { RemoveButton } from "../../ui/RemoveButton.tsx";
import { Section } from "../../ui/Section.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { fieldProblem } from "../session/fieldProblem.ts";

/** ComfyUI, IOPaint and diffusers that this server drives. */
export function EnginesView() {
	const queries = useQueryClient();
	const engines = useQuery({ queryKey: ["engines"], queryFn: ({ signal }) => api.engines.list({ signal }) });
	// What drives an engine is a worker by its name.
	const workers = useQuery({ queryKey: ["workers"], queryFn: ({ signal }) => api.workers.list({ signal }), refetchInterval: 5_000 });
	const remove = useMutation({
		mutationFn: (id: string) => api.engines.remove(id),
		onSettled: () => queries.invalidateQueries({ queryKey: ["engines"] }),
	});
	const test = useMutation({ mutationFn: (id: string) => patientApi.engines.test(id) });
	return (
		<div className="grid min-w-0 gap-10">
			<Section title="Engines">
				<ListStatus query={engines} />
				<ErrorNotice error={remove.error ?? test.error} />
				{test.isPending && <p role="status">Asking it for one small picture. Where it has to load its model first, this takes minutes.</p>}
				{test.data && <Tested tested={test.data} />}
				{engines.data && (
					<DataTable
						caption="Engines"
						rows={engines.data}
						rowKey={({ id }) => id}
						empty="None: pictures are drawn by the built-in model, and by workers that bring engines of their own."
						columns={[
							{ head: "Engine", cell: ({ name }) => name },
							{ head: "Kind", cell: ({ kind }) => kind },
							{ head: "Address", cell: ({ url }) => <span className="font-mono text-[13px]">{url}</span> },
							{
								head: "State",
								cell: ({ name }) => <State worker={workers.data?.find((worker) => worker.kind !== "remote" && worker.name === name)} />,
							},
							{ head: "Added", isFigure: true, cell: ({ created_at: at }) => moment(at) },
							{
								head: "Actions",
								isFigure: true,
								cell: ({ id, name }: Engine) => (
									<span className="inline-flex gap-2">
										<Button disabled={test.isPending} aria-label={`Test ${name}`} onClick={() => test.mutate(id)}>
											Test
										</Button>
										<RemoveButton name={name} isBusy={remove.isPending} onRemove={() => remove.mutate(id)} />
									</span>
								),
							},
						]}
					/>
				)}
			</Section>
			<AddEngine />
		</div>
	);
}

function State({ worker }: { worker: Worker | undefined }) {
	if (!worker) return <span className="text-ink-soft">not taken up yet</span>;
	if (worker.trouble) return <span className="text-alarm-ink">{worker.trouble}</span>;
	return <span className="text-cool-ink">{worker.capabilities.length > 0 ? "answers" : "answers, can run nothing"}</span>;
}

function Tested({ tested: { engine, report, trial } }: { tested: TestedEngine }) {
	return (
		<div role="status" className="grid gap-1.5 rounded-lg bg-cool-wash p-4 text-sm">
			<p className="font-medium text-cool-ink">
				{engine.name}:{" "}
				{trial
					? `made a picture of ${trial.width} x ${trial.height} in ${took(trial.ms)} (${trial.capability})`
					: "answers, but can run nothing now"}
			</p>
			<Report report={report} />
		</div>
	);
}

function Report({ report }: { report: EngineReport }) {
	const memory = (bytes: number | null) => (bytes === null ? "" : `${(bytes / 2 ** 30).toFixed(1)} GiB`);
	return (
		<>
			<p>
				{[
					report.version && `version ${report.version}`,
					report.device,
					report.vram_free_bytes !== null && `${memory(report.vram_free_bytes)} of ${memory(report.vram_total_bytes)} free`,
				]
					.filter(Boolean)
					.join(", ")}
			</p>
			<p>Can run: {report.capabilities.map(({ capability }) => capability).join(", ") || "nothing"}</p>
			{report.missing.length > 0 && (
				<p>Could run more with: {report.missing.map(({ name, files }) => `${name} (${files.join(" or ")})`).join(", ")}</p>
			)}
		</>
	);
}

function AddEngine() {
	const queries = useQueryClient();
	const add = useMutation({
		mutationFn: ({ url, name }: { url: string; name: string }) => patientApi.engines.add(name === "" ? { url } : { url, name }),
		onSuccess: () => queries.invalidateQueries({ queryKey: ["engines"] }),
	});
	return (
		<Section title="Add an engine" note="It is asked what it is and can do before it is kept">
			<Form
				label="Add an engine"
				className="grid items-start gap-4 sm:grid-cols-[minmax(0,1fr)_minmax(0,14rem)_auto]"
				onSubmit={({ url = "", name = "" }) => add.mutate({ url: url.trim(), name: name.trim() })}
			>
				<TextField
					label="Address"
					name="url"
					type="url"
					required
					placeholder="http://10.0.0.5:8188"
					problem={fieldProblem(add.error, "url")}
				/>
				<TextField label="Name (may be left out)" name="name" maxLength={100} problem={fieldProblem(add.error, "name")} />
				<HotButton className="sm:mt-[1.625rem]" isBusy={add.isPending} busy="Asking it">
					Add
				</HotButton>
			</Form>
			<ErrorNotice error={add.error} fields={["url", "name"]} />
			{add.data && (
				<div role="status" className="grid gap-1.5 rounded-lg bg-cool-wash p-4 text-sm">
					<p className="font-medium text-cool-ink">{add.data.engine.name} is taken up within seconds.</p>
					<Report report={add.data.report} />
				</div>
			)}
		</Section>
	);
}
