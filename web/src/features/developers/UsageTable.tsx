import type { UsageRow } from "@glassworks/sdk";
import { useState } from "react";
import { figure } from "../../format/count.ts";
import { duration } from "../../format/duration.ts";
import { money } from "../../format/money.ts";
import { Pager, usePlace } from "../../ui/Pager.tsx";
import { dayInWords } from "./UsageChart.tsx";
import type { Split } from "./usageSeries.ts";

const pageSize = 50;

/** The chart's figures, day by day, the newest first. */
export function UsageTable({ rows, split }: { rows: readonly UsageRow[]; split: Split }) {
	const place = usePlace();
	const [shownOf, setShownOf] = useState(rows);
	if (shownOf !== rows) {
		setShownOf(rows);
		place.reset();
	}
	const from = place.page * pageSize;
	const shown = rows.slice(from, from + pageSize);
	const isLast = from + pageSize >= rows.length;
	return (
		<div className="grid min-w-0 gap-3">
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and without a mouse too. */}
			<section tabIndex={0} aria-label="Figures of each day" className="overflow-x-auto rounded-xl border border-line bg-surface">
				<table className="w-full min-w-[34rem] border-collapse text-left text-sm">
					<thead className="text-[13px] text-ink-soft">
						<tr>
							{["Day", split === "model" ? "Model" : "Key", "Pictures", "Failed", "Machine time", "Charged"].map((head, at) => (
								<th key={head} scope="col" className={`px-4 py-2.5 font-medium ${at > 1 ? "text-right" : ""}`}>
									{head}
								</th>
							))}
						</tr>
					</thead>
					<tbody className="tabular-nums">
						{shown.map((row) => (
							<tr key={`${row.day} ${row.key_id} ${row.model}`} className="border-t border-line">
								<td className="px-4 py-2 whitespace-nowrap">{row.day && dayInWords(row.day)}</td>
								<td className="max-w-56 truncate px-4 py-2">
									{(split === "model" ? row.model : row.key_name) ?? (split === "key" ? "In the studio" : "Without a model")}
								</td>
								<td className="px-4 py-2 text-right font-mono text-[13px]">{figure(row.pictures ?? 0)}</td>
								<td className="px-4 py-2 text-right font-mono text-[13px]">{figure(row.pictures_failed ?? 0)}</td>
								<td className="px-4 py-2 text-right font-mono text-[13px]">{row.runtime_ms === 0 ? "0 s" : duration(row.runtime_ms)}</td>
								<td className="px-4 py-2 text-right font-mono text-[13px]">
									{row.charged_micro_usd === 0 ? "$0.00" : money(row.charged_micro_usd)}
								</td>
							</tr>
						))}
					</tbody>
				</table>
			</section>
			<Pager
				place={place}
				next={isLast ? null : String(from + pageSize)}
				label={`${figure(from + 1)} to ${figure(from + shown.length)} of ${figure(rows.length)}`}
			/>
		</div>
	);
}
