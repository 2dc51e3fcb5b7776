import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { drawThumbnail, nearestConcepts } from "../support/glyphPictures.ts";
import { openShippedEngine } from "../support/shippedEngine.ts";

const root = join(import.meta.dirname, "../../..");
const engine = await openShippedEngine();

/** Written down before the network was trained, and never used for it. */
const { paraphrases } = z
	.object({ paraphrases: z.array(z.object({ prompt: z.string(), means: z.array(z.string()).min(1) })) })
	.parse(JSON.parse(readFileSync(join(root, "server/test/data/glyph/paraphrases.json"), "utf8")));

it("of 100 descriptions two in three are understood and drawn", async () => {
	let [understood, drawn] = [0, 0];
	const wrong: string[] = [];
	for (const [seed, { prompt, means }] of paraphrases.entries()) {
		const { thumbnail, understoodAs } = await drawThumbnail(engine, prompt, "cartoon", seed);
		if (means.includes(String(understoodAs))) understood++;
		else wrong.push(`${prompt} -> ${understoodAs}`);
		if (means.includes(nearestConcepts(thumbnail)[0] ?? "")) drawn++;
	}
	expect(paraphrases).toHaveLength(100);
	expect(understood, wrong.join("; ")).toBeGreaterThanOrEqual(67);
	expect(drawn).toBeGreaterThanOrEqual(66);
}, 300_000);
