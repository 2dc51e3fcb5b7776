import { apply, boundsOf, type Command } from "./commands.ts";
import { emptyMask, type Mask } from "./mask.ts";
import { intersect, type Rect, type Size, wholeOf } from "./rect.ts";

/** A mask and how it came about. Keeps what was done, not what it looked like: undoing does the rest again. */
export interface MaskDocument {
	readonly mask: Mask;
	/** What was done and not undone, in order. */
	readonly commands: readonly Command[];
	readonly canUndo: boolean;
	readonly canRedo: boolean;
	/** Each says where the mask may have changed; null: nowhere. */
	run(command: Command): Rect;
	undo(): Rect | null;
	redo(): Rect | null;
}

/** @param commands done already, say before a reload */
export function createMaskDocument(size: Size, commands: readonly Command[] = []): MaskDocument {
	const mask = emptyMask(size);
	const done: Command[] = [];
	let undone: Command[] = [];
	const perform = (command: Command): Rect => {
		const bounds = boundsOf(command, size);
		apply(mask, command, bounds);
		done.push(command);
		return bounds;
	};
	for (const command of commands) perform(command);

	/** Does everything again inside `clip`, from the last command that did not look at what was there. */
	const replay = (clip: Rect) => {
		const start = done.findLastIndex(({ kind }) => kind === "clear" || kind === "import");
		apply(mask, { kind: "clear" }, clip);
		for (const command of done.slice(Math.max(0, start))) apply(mask, command, intersect(boundsOf(command, size), clip));
	};
	return {
		mask,
		get commands() {
			return done;
		},
		get canUndo() {
			return done.length > 0;
		},
		get canRedo() {
			return undone.length > 0;
		},
		run(command) {
			undone = [];
			return perform(command);
		},
		undo() {
			const last = done.pop();
			if (!last) return null;
			undone.push(last);
			// Growing looks beyond the clip, where later commands have been already.
			const clip = [...done, last].some(({ kind }) => kind === "grow") ? wholeOf(size) : boundsOf(last, size);
			replay(clip);
			return clip;
		},
		redo() {
			const next = undone.pop();
			return next ? perform(next) : null;
		},
	};
}
