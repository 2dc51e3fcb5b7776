import { median } from "../support/statistics.ts";
import type { Contender } from "./contender.ts";
import type { Figures, Measure } from "./measures.ts";

/** One line of the table: one figure of one measure, of all who have it. */
export interface Measured {
	measure: string;
	figure: string;
	isRate: boolean;
	/** By contender: the median of its rounds. */
	medians: Map<string, number>;
}

/** In every round each measure is taken from all contenders in turn, beginning with another one each time, so that drift hits all alike. */
export async function runRounds(
	contenders: readonly Contender[],
	measures: readonly Measure[],
	rounds: number,
	say: (line: string) => void,
): Promise<Measured[]> {
	const startedAt = performance.now();
	const taken: { measure: Measure; contender: string; figures: Figures }[] = [];
	for (let round = 0; round < rounds; round++) {
		for (const measure of measures) {
			for (const contender of [...contenders.slice(round % contenders.length), ...contenders.slice(0, round % contenders.length)]) {
				const figures = await measure.run(contender);
				if (figures) taken.push({ measure, contender: contender.name, figures });
			}
		}
		for (const contender of contenders) await contender.tidy();
		say(`round ${round + 1} of ${rounds} done after ${Math.round((performance.now() - startedAt) / 1_000)} s`);
	}
	return measures.flatMap((measure) =>
		rowsOf(
			measure,
			taken.filter((each) => each.measure === measure),
		),
	);
}

function rowsOf(measure: Measure, taken: readonly { contender: string; figures: Figures }[]): Measured[] {
	const figures = [...new Set(taken.flatMap((each) => Object.keys(each.figures)))];
	return figures.map((figure) => ({
		measure: measure.name,
		figure,
		isRate: measure.isRate,
		medians: new Map(
			[...Map.groupBy(taken, (each) => each.contender)].map(([contender, rounds]) => [
				contender,
				median(rounds.map((each) => each.figures[figure] ?? Number.NaN)),
			]),
		),
	}));
}
