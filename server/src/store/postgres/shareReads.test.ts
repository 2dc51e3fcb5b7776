import { expect, test } from "vitest";
import { shareReads } from "./shareReads.ts";

/** Reads that end when they are told to, with what was true when they began. */
function slowReads() {
	let truth = "old";
	const begun: { keys: string[]; end(): void }[] = [];
	const read = (keys: string[]) => {
		const seen = truth;
		return new Promise<Map<string, string>>((resolve) =>
			begun.push({ keys, end: () => resolve(new Map(keys.filter((key) => key !== "none").map((key) => [key, seen]))) }),
		);
	};
	const turn = () => new Promise((resolve) => setImmediate(resolve));
	return { find: shareReads(read), begun, turn, become: (value: string) => (truth = value) };
}

test("who asks together is answered by one read, each key once", async () => {
	const { find, begun, turn } = slowReads();
	const answers = Promise.all([find("a"), find("b"), find("a"), find("none")]);
	await turn();
	expect(begun.map(({ keys }) => keys)).toEqual([["a", "b", "none"]]);
	begun[0]?.end();
	expect(await answers).toEqual(["old", "old", "old", null]);
});

test("nobody is told what a read found that had begun before they asked", async () => {
	const { find, begun, turn, become } = slowReads();
	const early = [find("a"), find("a")];
	await turn();
	become("new");
	const late = [find("a")];
	await turn();
	const latest = [find("b"), find("a")];
	await turn();
	// Two reads run; the third waits and takes all who come meanwhile.
	expect(begun.map(({ keys }) => keys)).toEqual([["a"], ["a"]]);
	for (const each of begun.splice(0)) each.end();
	await turn();
	latest.push(find("c"));
	expect(begun.map(({ keys }) => keys)).toEqual([["b", "a"]]);
	begun[0]?.end();
	await turn();
	begun[1]?.end();
	expect(await Promise.all(early)).toEqual(["old", "old"]);
	expect(await Promise.all([...late, ...latest])).toEqual(["new", "new", "new", "new"]);
});

test("a read that fails is told to those who shared it, and the next ones are read anew", async () => {
	let attempts = 0;
	const find = shareReads(async () => {
		attempts += 1;
		if (attempts === 1) throw new Error("no database");
		return new Map([["a", "found"]]);
	});
	const failed = await Promise.allSettled([find("a"), find("b")]);
	expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
	expect(await find("a")).toBe("found");
});
