import { expect, test } from "vitest";
import { accept, backTo, newSession, readSession, storeSession } from "./editSession.ts";
import { noMargins } from "./outpaint.ts";

const source = { kind: "asset" as const, id: "asset_1" };
const result = { kind: "job" as const, id: "job_1", n: 0 };
/** A browser's storage with room for so many characters. */
function storageOf(room: number): Storage {
	const items: Record<string, string> = {};
	const methods = {
		getItem: (key: string) => items[key] ?? null,
		setItem(key: string, value: string) {
			const others = Object.entries(items).filter(([name]) => name !== key);
			if (others.reduce((sum, [, text]) => sum + text.length, value.length) > room) throw new DOMException("full", "QuotaExceededError");
			items[key] = value;
		},
		removeItem: (key: string) => void delete items[key],
	};
	return new Proxy(methods as unknown as Storage, {
		ownKeys: () => Object.keys(items),
		getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
	});
}

test("an accepted result becomes the picture that is edited, with nothing marked and nothing under way", () => {
	const worked = {
		...newSession(source),
		commands: [{ kind: "invert" as const }],
		sent: [{ jobId: "job_1", margins: noMargins }],
		discarded: ["job_1.1"],
	};
	const next = accept({ ...worked, settings: { ...worked.settings, margins: { ...noMargins, top: 9 }, prompt: "an apple" } }, result);
	expect(next).toMatchObject({ layers: [source, result], commands: [], sent: [], discarded: [] });
	expect(next.settings).toMatchObject({ prompt: "an apple", margins: noMargins });
	expect(backTo(next, 0).layers).toEqual([source]);
});

test("the work on a picture is found again by that picture, and only there", () => {
	const storage = storageOf(10_000);
	const session = accept({ ...newSession(source), commands: [{ kind: "invert" }] }, result);
	expect(storeSession(session, storage)).toBe(true);
	expect(readSession(source, storage)).toEqual(session);
	expect(readSession({ kind: "asset", id: "asset_2" }, storage)).toEqual(newSession({ kind: "asset", id: "asset_2" }));
});

test("what cannot be read is begun anew", () => {
	const storage = storageOf(10_000);
	storeSession(newSession(source), storage);
	const [key = ""] = Object.keys(storage);
	for (const text of ["{", "null", '{"version":0}', "7"]) {
		storage.setItem(key, text);
		expect(readSession(source, storage)).toEqual(newSession(source));
	}
});

test("when there is no room, other pictures' work makes way; what fits nowhere is said so", () => {
	const storage = storageOf(600);
	const other = { kind: "asset" as const, id: "asset_2" };
	expect(storeSession(newSession(other), storage)).toBe(true);
	const long = { ...newSession(source), settings: { ...newSession(source).settings, prompt: "a".repeat(300) } };
	expect(storeSession(long, storage)).toBe(true);
	expect(readSession(source, storage)).toEqual(long);
	expect(readSession(other, storage).layers).toEqual([other]);
	expect(Object.keys(storage)).toHaveLength(1);
	expect(storeSession({ ...long, settings: { ...long.settings, prompt: "a".repeat(900) } }, storage)).toBe(false);
});
