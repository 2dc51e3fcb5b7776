import { useCallback, useEffect, useState } from "react";
import { type Draft, emptyDraft } from "./draft.ts";

const key = "glassworks.draft";

/** The form, kept over a reload of this tab and no longer. */
export function useDraft(): [Draft, (change: Partial<Draft>) => void] {
	const [draft, setDraft] = useState<Draft>(readDraft);
	useEffect(() => {
		try {
			sessionStorage.setItem(key, JSON.stringify(draft));
		} catch {
			// Storage may be switched off or full: the form still works.
		}
	}, [draft]);
	const change = useCallback((changes: Partial<Draft>) => setDraft((before) => ({ ...before, ...changes })), []);
	return [draft, change];
}

/** Puts it into the form of the Create page, which is not open now. */
export function keepForCreate(change: Partial<Draft>): void {
	sessionStorage.setItem(key, JSON.stringify({ ...readDraft(), ...change }));
}

function readDraft(): Draft {
	try {
		const stored: unknown = JSON.parse(sessionStorage.getItem(key) ?? "{}");
		return sameShape(stored) ? { ...emptyDraft, ...stored } : emptyDraft;
	} catch {
		return emptyDraft;
	}
}

/** A draft of an earlier version of this page may have other types: then it is dropped. */
function sameShape(stored: unknown): stored is Partial<Draft> {
	if (typeof stored !== "object" || stored === null) return false;
	const nullable = {
		model: "string",
		width: "number",
		height: "number",
		steps: "number",
		guidance: "number",
		style: "string",
		seed: "number",
		image: "object",
		strength: "number",
	};
	return Object.entries(stored).every(([name, value]) => {
		if (name in nullable) return value === null || typeof value === nullable[name as keyof typeof nullable];
		if (Array.isArray(value) !== Array.isArray(emptyDraft[name as keyof Draft])) return false;
		return typeof value === typeof emptyDraft[name as keyof Draft];
	});
}
