import { useMutation, useQuery } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { duration } from "../../format/duration.ts";
import { money } from "../../format/money.ts";
import { Button } from "../../ui/Button.tsx";
import { DataTable } from "../../ui/DataTable.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Figures } from "../../ui/Figures.tsx";
import { ListStatus } from "../../ui/ListStatus.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Section } from "../../ui/Section.tsx";
import { stepName } from "../jobs/inWords.ts";
import { percent } from "../status/percent.ts";

/** What came in, what it cost, what was promised, and whether the ledger adds up. */
export function BooksView() {
	return (
		<div className="grid min-w-0 gap-10">
			<EarningsOfMonth />
			<KeptPromises />
			<Verification />
		</div>
	);
}

const amount = (microUsd: number) => (microUsd === 0 ? "$0.00" : money(microUsd));

function EarningsOfMonth() {
	const earnings = useQuery({ queryKey: ["earnings"], queryFn: ({ signal }) => api.credits.earnings({ days: 30, signal }) });
	const { total, steps = [] } = earnings.data ?? {};
	return (
		<Section title="Earned in 30 days">
			<ListStatus query={earnings} />
			{total && (
				<Figures
					label="Earned in 30 days"
					figures={[
						{ label: "Charged to credit", value: amount(total.taken_micro_usd) },
						{ label: "Covered by plans", value: amount(total.included_micro_usd), note: "at list price" },
						{ label: "Own cost", value: amount(total.cost_micro_usd) },
						{ label: "Margin", value: amount(total.margin_micro_usd), note: "charged less cost" },
					]}
				/>
			)}
			{total && (
				<DataTable
					caption="Earned by model and step"
					rows={steps}
					rowKey={({ model, kind }) => `${model} ${kind}`}
					empty="No step ended in that time."
					columns={[
						{ head: "Step", cell: ({ kind }) => stepName(kind) },
						{ head: "Model", cell: ({ model }) => model },
						{ head: "Ran", isFigure: true, cell: ({ count }) => count },
						{ head: "Charged", isFigure: true, cell: ({ taken_micro_usd: taken }) => amount(taken) },
						{ head: "By plans", isFigure: true, cell: ({ included_micro_usd: included }) => amount(included) },
						{ head: "Cost", isFigure: true, cell: ({ cost_micro_usd: cost }) => amount(cost) },
						{ head: "Margin", isFigure: true, cell: ({ margin_micro_usd: margin }) => amount(margin) },
					]}
				/>
			)}
		</Section>
	);
}

function KeptPromises() {
	const promises = useQuery({ queryKey: ["promises"], queryFn: ({ signal }) => api.credits.promises({ days: 30, signal }) });
	const wait = (ms: number | null) => (ms === null ? "none" : duration(ms));
	return (
		<Section title="Promises kept in 30 days">
			<ListStatus query={promises} />
			{promises.data && (
				<DataTable
					caption="Promises kept by plan"
					rows={promises.data.plans}
					rowKey={({ plan }) => plan}
					empty="There are no plans."
					columns={[
						{ head: "Plan", cell: ({ plan }) => plan },
						{ head: "Wait promised", isFigure: true, cell: ({ promised_wait_ms: ms }) => wait(ms) },
						{ head: "Begun in time", isFigure: true, cell: ({ wait_kept_share: share }) => percent(share) },
						{ head: "Of jobs", isFigure: true, cell: ({ waited }) => waited },
						{
							head: "Success promised",
							isFigure: true,
							cell: ({ promised_success_share: share }) => (share === null ? "none" : percent(share)),
						},
						{ head: "Succeeded", isFigure: true, cell: ({ success_share: share }) => percent(share) },
						{ head: "Of ended", isFigure: true, cell: ({ ended }) => ended },
					]}
				/>
			)}
		</Section>
	);
}

function Verification() {
	const verify = useMutation({ mutationFn: () => api.credits.verify() });
	return (
		<Section title="Ledger">
			<p className="text-sm text-ink-soft">Adds every entry up again and compares it with balances and jobs.</p>
			<ErrorNotice error={verify.error} />
			{verify.data?.ok && (
				<p role="status" className="text-sm text-cool-ink">
					It adds up: {verify.data.entries} entries, {verify.data.balances} balances, {verify.data.jobs} jobs.
				</p>
			)}
			{verify.data && !verify.data.ok && (
				<Notice title={`${verify.data.found} things are off.`}>
					<ul>
						{verify.data.findings.map(({ rule, tenant_id: tenant, job_id: job, detail }) => (
							<li key={`${rule} ${tenant} ${job}`}>
								{tenant}: {detail}
							</li>
						))}
					</ul>
				</Notice>
			)}
			<Button className="justify-self-start" disabled={verify.isPending} onClick={() => verify.mutate()}>
				{verify.isPending ? "Adding up" : "Check the ledger"}
			</Button>
		</Section>
	);
}
