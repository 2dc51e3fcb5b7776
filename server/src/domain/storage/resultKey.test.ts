import { expect, test } from "vitest";
import { picture } from "../workflows/picture.ts";
import { type LiveDigests, resultKey } from "./resultKey.ts";

type Decided = Parameters<typeof resultKey>[0];

/** What live workers of the pool say that the model's file is. */
const said = (...digests: (string | null)[]): LiveDigests => new Map([["gpu", new Map([["generate:sdxl", new Set(digests)]])]]);

const decided = (digests: LiveDigests, change: object = {}, trustModelNames = false): Decided => ({
	tenantId: "ten_1",
	record: { id: "picture", workflow: picture } as unknown as Decided["record"],
	request: { prompt: "a red apple", seed: 7, ...change },
	tasks: [{ stepId: "generate", kind: "generate", capability: "generate:sdxl", pool: "gpu", skip: null }] as unknown as Decided["tasks"],
	digests,
	config: { resultCache: { hours: 24, trustModelNames } } as Decided["config"],
});
const keyOf = async (...asked: Parameters<typeof decided>) => (await resultKey(decided(...asked)))?.key ?? null;

test("a model whose file was replaced under the same name makes another result", async () => {
	const before = await keyOf(said("a"));
	expect(before).toMatch(/^[0-9a-f]{64}$/);
	expect(await keyOf(said("a"))).toBe(before);
	expect(await keyOf(said("b"))).not.toBe(before);
	expect(await keyOf(said("a"), { prompt: "a pear" })).not.toBe(before);
	// How it was asked is none of what is made.
	expect(await keyOf(said("a"), { metadata: { order: "7" } })).toBe(before);
});

test("while workers differ in the model's file, or cannot tell it, nothing is given again", async () => {
	expect(await keyOf(said("a", "b"))).toBeNull();
	expect(await keyOf(said(null))).toBeNull();
	expect(await keyOf(new Map())).toBeNull();
	expect(await keyOf(said(null), {}, true)).not.toBeNull();
	expect(await keyOf(said("a", null), {}, true)).toBeNull();
});
