import { useState } from "react";
import { roundTop, type Series } from "./usageSeries.ts";

interface Props {
	/** What it shows, for whoever does not see it. */
	label: string;
	days: readonly string[];
	series: readonly Series[];
	format(value: number): string;
}

/** From cool to hot; each pair of neighbours differs in lightness too. */
const fills = ["var(--cool)", "var(--ember)", "var(--line-strong)", "var(--cool-ink)", "var(--ember-deep)", "var(--ink-faint)"];
const width = 1_000;
const height = 240;
const bottom = 22;

/** A bar for each day, stacked. The table beneath it has the same figures. */
export function UsageChart({ label, days, series, format }: Props) {
	const [over, setOver] = useState<number | null>(null);
	const sums = days.map((_, day) => series.reduce((sum, { values }) => sum + (values[day] ?? 0), 0));
	const top = roundTop(Math.max(0, ...sums));
	return (
		<figure className="grid gap-3">
			<figcaption className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
				<Legend series={series} format={format} />
				<p aria-hidden="true" className="min-h-5 font-mono text-[13px] text-ink-soft tabular-nums">
					{over !== null && `${dayInWords(days[over] ?? "")}: ${format(sums[over] ?? 0)}`}
				</p>
			</figcaption>
			<div className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-2">
				<div aria-hidden="true" className="flex flex-col justify-between pb-4 text-right font-mono text-[11px] text-ink-faint tabular-nums">
					<span>{format(top)}</span>
					<span>{format(top / 2)}</span>
					<span>0</span>
				</div>
				<div className="grid gap-1">
					<svg viewBox={`0 0 ${width} ${height - bottom}`} preserveAspectRatio="none" role="img" aria-label={label} className="h-56 w-full">
						{[0, 0.5, 1].map((at) => (
							<line
								key={at}
								x1="0"
								x2={width}
								y1={(height - bottom) * at}
								y2={(height - bottom) * at}
								className="stroke-line"
								vectorEffect="non-scaling-stroke"
							/>
						))}
						<Bars days={days} series={series} top={top} over={over} onOver={setOver} />
					</svg>
					<div aria-hidden="true" className="flex justify-between font-mono text-[11px] text-ink-faint">
						<span>{dayInWords(days[0] ?? "")}</span>
						<span>{dayInWords(days.at(-1) ?? "")}</span>
					</div>
				</div>
			</div>
		</figure>
	);
}

interface BarsProps extends Pick<Props, "days" | "series"> {
	/** Value at the upper edge. */
	top: number;
	/** The day under the pointer. */
	over: number | null;
	onOver(day: number | null): void;
}

function Bars({ days, series, top, over, onOver }: BarsProps) {
	const step = width / days.length;
	const scale = (value: number) => ((height - bottom) * value) / top;
	return days.map((day, at) => {
		let y = height - bottom;
		return (
			<g key={day} onPointerEnter={() => onOver(at)} onPointerLeave={() => onOver(null)}>
				<rect x={at * step} y="0" width={step} height={height - bottom} className={over === at ? "fill-raised" : "fill-transparent"} />
				{series.map(({ name, values }, index) => {
					const tall = scale(values[at] ?? 0);
					y -= tall;
					return <rect key={name} x={at * step + step * 0.12} y={y} width={step * 0.76} height={tall} fill={fills[index]} />;
				})}
			</g>
		);
	});
}

function Legend({ series, format }: Pick<Props, "series" | "format">) {
	return (
		<ul className="flex flex-wrap gap-x-5 gap-y-1 text-[13px]">
			{series.map(({ name, total }, index) => (
				<li key={name} className="flex items-center gap-2">
					<span aria-hidden="true" className="size-2.5 rounded-sm" style={{ background: fills[index] }} />
					{name}
					<span className="font-mono text-ink-soft tabular-nums">{format(total)}</span>
				</li>
			))}
		</ul>
	);
}

export function dayInWords(day: string): string {
	return new Date(`${day}T00:00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
}
