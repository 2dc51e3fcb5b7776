import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GlassworksError } from "../errors.ts";
import type { Picture } from "../ports.ts";
import { admitMade } from "./admitMade.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const picture: Picture = { bytes: new Uint8Array([1]), mediaType: "image/png", widthPx: 1, heightPx: 1 };
const full = new GlassworksError("unavailable", "full");
const made = () => ({
	bytes: picture.bytes,
	limits: { maxBytes: 1, maxPixels: 1 },
	signal: new AbortController().signal,
	broken: new GlassworksError("internal", "broken"),
});
/** A gate that answers with each of these in turn, and for ever with the last. */
function gate(...answers: (Error | Picture)[]) {
	return {
		async admit() {
			const [answer = picture] = answers.length > 1 ? answers.splice(0, 1) : answers;
			if (answer instanceof Error) throw answer;
			return answer;
		},
	};
}

test("a picture that was made while the gate was full is read once there is room", async () => {
	const admitted = admitMade(gate(full, full, full, picture), made());
	await vi.runAllTimersAsync();
	expect(await admitted).toBe(picture);
});

test("a gate that stays full is told apart from a broken picture", async () => {
	const admitted = admitMade(gate(full), made());
	admitted.catch(() => {});
	await vi.runAllTimersAsync();
	await expect(admitted).rejects.toBe(full);
	const cause = new GlassworksError("picture_corrupt", "no picture");
	await expect(admitMade(gate(cause), made())).rejects.toMatchObject({ code: "internal", message: "broken", cause });
});

test("nobody waits for the gate once the step was cancelled", async () => {
	await expect(admitMade(gate(full), { ...made(), signal: AbortSignal.abort() })).rejects.toBe(full);
});
