import type { UsageRow } from "@glassworks/sdk";

export type Measure = "charged_micro_usd" | "pictures" | "runtime_ms";
export type Split = "model" | "key";

/** What is drawn of one key or model. */
export interface Series {
	name: string;
	/** One for each day. */
	values: number[];
	total: number;
}

/** More are added up as "others": nobody tells twelve colours apart. */
const mostSeries = 5;

/** Every day of the period, including those on which nothing happened. */
export function daysBetween(from: string, to: string): string[] {
	const days: string[] = [];
	for (let at = Date.parse(`${from}T00:00:00Z`); at <= Date.parse(`${to}T00:00:00Z`) && days.length < 400; at += 86_400_000)
		days.push(new Date(at).toISOString().slice(0, 10));
	return days;
}

/** Rows told apart by day and by `split`, as lines of a chart: the largest first. */
export function seriesOf(rows: readonly UsageRow[], days: readonly string[], split: Split, measure: Measure): Series[] {
	const at = new Map(days.map((day, index) => [day, index]));
	const byName = new Map<string, Series>();
	for (const row of rows) {
		const index = at.get(row.day ?? "");
		if (index === undefined) continue;
		const name = (split === "model" ? row.model : row.key_name) ?? (split === "key" ? "In the studio" : "Without a model");
		const series = byName.get(name) ?? { name, values: days.map(() => 0), total: 0 };
		byName.set(name, series);
		const value = row[measure] ?? 0;
		series.values[index] = (series.values[index] ?? 0) + value;
		series.total += value;
	}
	const sorted = [...byName.values()].filter(({ total }) => total > 0).sort((a, b) => b.total - a.total);
	const rest = sorted.slice(mostSeries);
	if (rest.length === 0) return sorted;
	const others: Series = {
		name: `${rest.length} others`,
		values: days.map((_, day) => rest.reduce((sum, { values }) => sum + (values[day] ?? 0), 0)),
		total: rest.reduce((sum, { total }) => sum + total, 0),
	};
	return [...sorted.slice(0, mostSeries), others];
}

/** A round number at or above the largest, for the top of the axis. */
export function roundTop(largest: number): number {
	if (largest <= 0) return 1;
	const unit = 10 ** Math.floor(Math.log10(largest));
	return ([1, 2, 2.5, 5, 10].find((step) => step * unit >= largest) ?? 10) * unit;
}
