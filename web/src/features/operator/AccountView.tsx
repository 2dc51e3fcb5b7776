import type { Credits, Tenant } from "@glassworks/sdk";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { api } from "../../api.ts";
import { useSend } from "../../app/useSend.ts";
import { moment } from "../../format/moment.ts";
import { money } from "../../format/money.ts";
import { Button } from "../../ui/Button.tsx";
import { DataTable } from "../../ui/DataTable.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Figures } from "../../ui/Figures.tsx";
import { Form } from "../../ui/Form.tsx";
import { HotButton } from "../../ui/HotButton.tsx";
import { ListStatus } from "../../ui/ListStatus.tsx";
import { Section } from "../../ui/Section.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { fieldProblem } from "../session/fieldProblem.ts";
import { PlanSelect } from "./PlanSelect.tsx";

/** One account: its plan, its credit and what moved it. */
export function AccountView() {
	const { id = "" } = useParams();
	const tenant = useQuery({ queryKey: ["tenants", id], queryFn: ({ signal }) => api.tenants.get(id, { signal }) });
	const credits = useQuery({ queryKey: ["credits", id], queryFn: ({ signal }) => api.credits.get(id, { limit: 100, signal }) });
	return (
		<div className="grid min-w-0 gap-8">
			<div className="grid gap-1">
				<Link
					to="/operator/accounts"
					className="inline-flex min-h-10 w-fit items-center text-sm text-ember-ink underline underline-offset-4"
				>
					All accounts
				</Link>
				<h2 className="text-2xl font-semibold tracking-tight">{tenant.data?.name ?? id}</h2>
			</div>
			<ListStatus query={tenant} />
			<ListStatus query={credits} />
			{credits.data && <Held credits={credits.data} />}
			{tenant.data && <ChangePlan tenant={tenant.data} />}
			<MoveCredit id={id} />
			{credits.data && <Ledger credits={credits.data} />}
		</div>
	);
}

function Held({ credits }: { credits: Credits }) {
	const quotas = credits.quotas.map(({ unit, limit, used }) => ({
		label: unit === "image" ? "Pictures this month" : "Repaintings this month",
		value: limit === null ? "no limit" : `${used} of ${limit}`,
	}));
	return (
		<Figures
			label="Credit and quotas"
			figures={[
				{ label: "Credit", value: credits.credit_micro_usd === 0 ? "$0.00" : money(credits.credit_micro_usd) },
				{ label: "Held", value: credits.held_micro_usd === 0 ? "$0.00" : money(credits.held_micro_usd), note: "for what is being made" },
				...quotas,
			]}
		/>
	);
}

function ChangePlan({ tenant }: { tenant: Tenant }) {
	const queries = useQueryClient();
	const change = useMutation({
		mutationFn: (plan: string) => api.tenants.changePlan(tenant.id, plan),
		onSuccess: () =>
			Promise.all([queries.invalidateQueries({ queryKey: ["tenants"] }), queries.invalidateQueries({ queryKey: ["credits", tenant.id] })]),
	});
	return (
		<Section title="Plan" note="Unfinished work follows at once; prices agreed stay">
			<Form label="Change the plan" className="flex flex-wrap items-end gap-4" onSubmit={({ plan = "" }) => change.mutate(plan)}>
				<PlanSelect label="Plan" name="plan" value={tenant.plan} />
				<Button submit className="min-h-11" disabled={change.isPending}>
					Change it
				</Button>
				{change.isSuccess && (
					<p role="status" className="pb-3 text-sm text-cool-ink">
						Changed.
					</p>
				)}
			</Form>
			<ErrorNotice error={change.error} />
		</Section>
	);
}

function MoveCredit({ id }: { id: string }) {
	const queries = useQueryClient();
	const move = useSend({
		mutationFn: ({ dollars, note }: { dollars: number; note: string }) =>
			api.credits.move(id, { amount_micro_usd: Math.round(dollars * 1_000_000), note }),
		onSuccess: (credits) => {
			queries.setQueryData(["credits", id], credits);
			return queries.invalidateQueries({ queryKey: ["credits", id] });
		},
	});
	return (
		<Section title="Add credit, or take it back" note="Below zero takes back, never more than is free">
			<Form
				key={move.data?.entries[0]?.id}
				label="Add credit"
				className="grid items-start gap-4 sm:grid-cols-[10rem_minmax(0,1fr)_auto]"
				onSubmit={({ dollars, note = "" }) => move.mutate({ dollars: Number(dollars), note })}
			>
				<TextField
					label="Dollars"
					name="dollars"
					type="number"
					step="0.000001"
					required
					className="tabular-nums"
					problem={fieldProblem(move.error, "amount_micro_usd")}
				/>
				<TextField label="Why" name="note" maxLength={500} problem={fieldProblem(move.error, "note")} />
				<HotButton className="sm:mt-[1.625rem]" isBusy={move.isPending} busy="Moving it">
					Move
				</HotButton>
			</Form>
			<ErrorNotice error={move.error} fields={["amount_micro_usd", "note"]} />
		</Section>
	);
}

function Ledger({ credits }: { credits: Credits }) {
	return (
		<Section title="Ledger" note="The latest 100 entries">
			<DataTable
				caption="Ledger"
				rows={credits.entries}
				rowKey={({ id }) => String(id)}
				empty="Nothing moved yet."
				columns={[
					{ head: "When", cell: ({ created_at: at }) => moment(at) },
					{ head: "What", cell: ({ kind }) => kind },
					{ head: "Job", cell: ({ job_id: job }) => <span className="font-mono text-[13px]">{job ?? ""}</span> },
					{ head: "Note", cell: ({ note }) => note },
					{ head: "Amount", isFigure: true, cell: ({ unit, amount }) => (unit === "usd" ? money(amount) : `${amount} ${unit}`) },
				]}
			/>
		</Section>
	);
}
