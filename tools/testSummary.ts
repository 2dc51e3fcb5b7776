import path from "node:path";

export interface Counts {
	passed: number;
	failed: number;
	skipped: number;
}

/** What vitest's JSON reporter writes, as far as we read it. */
export interface VitestReport {
	testResults: {
		name: string;
		status: string;
		assertionResults: { ancestorTitles: string[]; title: string; status: string }[];
	}[];
}

export interface SkippedSuite {
	/** Path of the test file, relative to the root. */
	file: string;
	/** The outermost describe, or the test's own name. */
	suite: string;
	tests: number;
}

/**
 * Counts every test once. A file that failed without a failed test (it did not load, or its set-up failed) counts as one failure,
 * and so does a run that ended badly although every test passed, or that has no report at all.
 */
export function countTests(report: VitestReport | null, exitCode: number): Counts {
	const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
	for (const { status, assertionResults } of report?.testResults ?? []) {
		const failed = assertionResults.filter((test) => test.status === "failed").length;
		const passed = assertionResults.filter((test) => test.status === "passed").length;
		counts.passed += passed;
		counts.failed += failed === 0 && status === "failed" ? 1 : failed;
		counts.skipped += assertionResults.length - passed - failed;
	}
	if (counts.failed === 0 && (report === null || exitCode !== 0)) counts.failed = 1;
	return counts;
}

/** The suites that did not run, wholly or in part, so that nothing is left out in silence. */
export function listSkipped(report: VitestReport, root: string): SkippedSuite[] {
	const suites = new Map<string, SkippedSuite>();
	for (const { name, assertionResults } of report.testResults) {
		const file = path.relative(root, name).replaceAll(path.sep, "/");
		for (const { ancestorTitles, title, status } of assertionResults) {
			if (status === "passed" || status === "failed") continue;
			const suite = ancestorTitles.find((ancestor) => ancestor !== "") ?? title;
			const known = suites.get(`${file}\n${suite}`) ?? { file, suite, tests: 0 };
			known.tests++;
			suites.set(`${file}\n${suite}`, known);
		}
	}
	return [...suites.values()];
}

/** The last line of `npm test`. */
export function describeCounts({ passed, failed, skipped }: Counts): string {
	return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

export function addCounts(a: Counts, b: Counts): Counts {
	return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}
