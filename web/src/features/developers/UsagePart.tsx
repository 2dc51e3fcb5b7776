import type { UsagePage, UsageRow } from "@glassworks/sdk";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api.ts";
import { count, figure } from "../../format/count.ts";
import { duration } from "../../format/duration.ts";
import { money } from "../../format/money.ts";
import { Button } from "../../ui/Button.tsx";
import { Chips } from "../../ui/Chips.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Download } from "../../ui/icons.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { UsageChart } from "./UsageChart.tsx";
import { UsageTable } from "./UsageTable.tsx";
import { daysBetween, type Measure, type Split, seriesOf } from "./usageSeries.ts";

const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
/** As the server counts them there. */
const today = () => new Date().toLocaleDateString("sv-SE", { timeZone });
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toLocaleDateString("sv-SE", { timeZone });

const measures = [
	{ value: "charged_micro_usd" as const, label: "Cost" },
	{ value: "pictures" as const, label: "Pictures" },
	{ value: "runtime_ms" as const, label: "Machine time" },
];
const splits = [
	{ value: "model" as const, label: "By model" },
	{ value: "key" as const, label: "By key" },
];
const formats: Record<Measure, (value: number) => string> = {
	charged_micro_usd: (value) => (value === 0 ? "$0.00" : money(Math.round(value))),
	pictures: (value) => figure(value),
	runtime_ms: (value) => (value === 0 ? "0 s" : duration(value)),
};
/** Rows read for the chart: 92 days of some hundred models or keys. */
const mostRows = 10_000;

export function UsagePart() {
	const [from, setFrom] = useState(() => daysAgo(29));
	const [to, setTo] = useState(today);
	const [split, setSplit] = useState<Split>("model");
	const [measure, setMeasure] = useState<Measure>("pictures");
	const usage = useUsage({ from, to, split });
	const days = usage.data ? daysBetween(usage.data.from, usage.data.to) : [];
	const series = usage.data ? seriesOf(usage.data.rows, days, split, measure) : [];
	const csv = useMutation({
		mutationFn: () => api.usage.csv({ groupBy: ["day", split], from, to, timeZone }),
		onSuccess: (text) => save(text, `usage-${from}-${to}.csv`),
	});
	return (
		<section aria-label="Usage and cost" className="grid min-w-0 gap-6">
			<div className="flex flex-wrap items-end justify-between gap-4">
				<div className="flex flex-wrap gap-3">
					<TextField label="From" type="date" value={from} max={to} onChange={({ target }) => target.value && setFrom(target.value)} />
					<TextField label="To" type="date" value={to} min={from} onChange={({ target }) => target.value && setTo(target.value)} />
				</div>
				<Button disabled={csv.isPending} onClick={() => csv.mutate()}>
					<Download />
					CSV
				</Button>
			</div>
			<ErrorNotice error={usage.error ?? csv.error} onRetry={() => void usage.refetch()} />
			<Totals total={usage.data?.total} />
			<div className="flex flex-wrap gap-x-6 gap-y-3">
				<Chips legend="What is shown" legendHidden choices={measures} value={measure} onChange={(value) => setMeasure(value)} />
				<Chips legend="Told apart" legendHidden choices={splits} value={split} onChange={(value) => setSplit(value)} />
			</div>
			{usage.data && series.length === 0 ? (
				<p className="grid min-h-56 content-center rounded-xl border border-dashed border-line-strong p-6 text-center text-ink-soft">
					{usage.data.total.pictures === 0 ? "No picture was made in this time." : "Nothing to show of this kind in this time."}
				</p>
			) : (
				<div className="min-h-72">
					{usage.data && (
						<UsageChart
							label={`${measures.find(({ value }) => value === measure)?.label} of each day`}
							days={days}
							series={series}
							format={formats[measure]}
						/>
					)}
				</div>
			)}
			{usage.data && usage.data.rows.length > 0 && <UsageTable rows={usage.data.rows} split={split} />}
		</section>
	);
}

interface Asked {
	from: string;
	to: string;
	split: Split;
}

function useUsage({ from, to, split }: Asked) {
	return useQuery({
		queryKey: ["usage", from, to, split],
		queryFn: async ({ signal }) => {
			const rows: UsageRow[] = [];
			let page: UsagePage | null = null;
			do {
				page = await api.usage.list({ groupBy: ["day", split], from, to, timeZone, limit: 1_000, before: page?.next ?? undefined, signal });
				rows.push(...page.data);
			} while (page.next !== null && rows.length < mostRows);
			return { from: page.from, to: page.to, total: page.total, rows };
		},
		placeholderData: keepPreviousData,
	});
}

function Totals({ total }: { total: UsagePage["total"] | undefined }) {
	const stats = [
		{
			term: "Pictures",
			value: total && figure(total.pictures ?? 0),
			note: total?.pictures_failed ? `${figure(total.pictures_failed)} failed` : "",
		},
		{ term: "Charged", value: total && formats.charged_micro_usd(total.charged_micro_usd), note: "" },
		{ term: "Jobs", value: total && figure(total.jobs ?? 0), note: total?.jobs_failed ? `${figure(total.jobs_failed)} failed` : "" },
		{ term: "Machine time", value: total && formats.runtime_ms(total.runtime_ms), note: total ? count(total.steps, "step") : "" },
	];
	return (
		<dl className="flex flex-wrap gap-x-12 gap-y-4">
			{stats.map(({ term, value, note }) => (
				<div key={term} className="grid min-w-24 content-start gap-0.5">
					<dt className="text-[13px] text-ink-soft">{term}</dt>
					<dd className="text-2xl font-semibold tracking-tight tabular-nums">
						{value ?? "…"}
						{note && <span className="block text-[13px] font-normal tracking-normal text-ink-soft">{note}</span>}
					</dd>
				</div>
			))}
		</dl>
	);
}

/** Hands a text to the browser as a file. */
function save(text: string, name: string): void {
	const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
	const link = document.createElement("a");
	link.href = url;
	link.download = name;
	link.click();
	URL.revokeObjectURL(url);
}
