import type { Command } from "./canvas/commands.ts";
import type { EditSettings } from "./editRequest.ts";
import { type Margins, noMargins } from "./outpaint.ts";
import { keyOf, type PictureRef } from "./pictureRef.ts";

/** An edit that was sent, and where its result lies over the picture. */
export interface SentEdit {
	jobId: string;
	margins: Margins;
}

/** The work on one picture, as far as it is not on the server. Plain data: it outlives a reload of the tab. */
export interface EditSession {
	/** The picture that was opened first, then each accepted result; the last one is being edited. */
	layers: readonly PictureRef[];
	/** The mask of the last layer. */
	commands: readonly Command[];
	settings: EditSettings;
	/** Edits of the last layer, oldest first. */
	sent: readonly SentEdit[];
	/** `<job>.<n>` of results that are not wanted. They stay in the gallery. */
	discarded: readonly string[];
}

export const newSession = (source: PictureRef): EditSession => ({
	layers: [source],
	commands: [],
	settings: { operation: "remove", prompt: "", featherPx: 4, margins: noMargins, count: 1 },
	sent: [],
	discarded: [],
});

/** The result becomes the picture that is edited. */
export function accept(session: EditSession, result: PictureRef): EditSession {
	return onTo(session, [...session.layers, result]);
}

/** Goes back to an earlier picture; those that came after it leave the stack. */
export function backTo(session: EditSession, index: number): EditSession {
	return onTo(session, session.layers.slice(0, index + 1));
}

function onTo(session: EditSession, layers: readonly PictureRef[]): EditSession {
	return { ...session, layers, commands: [], sent: [], discarded: [], settings: { ...session.settings, margins: noMargins } };
}

const prefix = "glassworks.edit.";
/** Of what is stored: what an earlier version of this page stored otherwise is dropped. */
const version = 1;

export function readSession(source: PictureRef, storage: Storage = sessionStorage): EditSession {
	try {
		const stored = JSON.parse(storage.getItem(prefix + keyOf(source)) ?? "null") as (EditSession & { version: number }) | null;
		if (stored?.version !== version) return newSession(source);
		const { version: _, ...session } = stored;
		return session;
	} catch {
		return newSession(source);
	}
}

/** False: there is no room, also not without the work on other pictures. */
export function storeSession(session: EditSession, storage: Storage = sessionStorage): boolean {
	const [source] = session.layers;
	if (!source) return true;
	const key = prefix + keyOf(source);
	const text = JSON.stringify({ version, ...session });
	const attempt = () => {
		try {
			storage.setItem(key, text);
			return true;
		} catch {
			return false;
		}
	};
	if (attempt()) return true;
	for (const other of Object.keys(storage)) if (other.startsWith(prefix)) storage.removeItem(other);
	return attempt();
}
