import { expect, test } from "vitest";
import { countJunit } from "./setup/python.ts";
import { countTests, describeCounts, listSkipped } from "./testSummary.ts";

const assertion = (status: string, title = "t", ancestorTitles: string[] = []) => ({ status, title, ancestorTitles });
const file = (name: string, status: string, assertionResults: ReturnType<typeof assertion>[]) => ({ name, status, assertionResults });

test("every test is counted once, whatever it was skipped for", () => {
	const report = {
		testResults: [
			file(
				"/r/a.test.ts",
				"failed",
				["passed", "failed", "skipped", "pending", "todo"].map((status) => assertion(status)),
			),
		],
	};
	expect(countTests(report, 1)).toEqual({ passed: 1, failed: 1, skipped: 3 });
});

test("a file that does not load counts as a failure", () => {
	expect(
		countTests({ testResults: [file("/r/a.test.ts", "failed", []), file("/r/b.test.ts", "passed", [assertion("passed")])] }, 1),
	).toEqual({
		passed: 1,
		failed: 1,
		skipped: 0,
	});
});

test("a run that crashed, or ended badly although its tests passed, is never green", () => {
	expect(countTests(null, 0).failed).toBe(1);
	expect(countTests({ testResults: [file("/r/a.test.ts", "passed", [assertion("passed")])] }, 1)).toEqual({
		passed: 1,
		failed: 1,
		skipped: 0,
	});
});

test("skipped suites are listed by file and outermost name", () => {
	const tests = [
		assertion("skipped", "x", ["On PostgreSQL", "inner"]),
		assertion("skipped", "y", ["On PostgreSQL"]),
		assertion("passed", "z"),
	];
	expect(listSkipped({ testResults: [file("/r/server/a.test.ts", "passed", [...tests, assertion("todo", "alone")])] }, "/r")).toEqual([
		{ file: "server/a.test.ts", suite: "On PostgreSQL", tests: 2 },
		{ file: "server/a.test.ts", suite: "alone", tests: 1 },
	]);
});

test("the last line names skipped tests only when there are any", () => {
	expect(describeCounts({ passed: 3, failed: 0, skipped: 0 })).toBe("3 passed, 0 failed");
	expect(describeCounts({ passed: 3, failed: 1, skipped: 2 })).toBe("3 passed, 1 failed, 2 skipped");
});

test("a pytest report is counted, and one that is not there is a failure", () => {
	const xml = '<?xml version="1.0"?><testsuites><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" time="1">';
	expect(countJunit(xml, 1)).toEqual({ passed: 4, failed: 3, skipped: 3 });
	expect(countJunit("", 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
	expect(countJunit("", null)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});
