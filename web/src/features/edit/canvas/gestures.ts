import type { Point } from "./view.ts";

/** What is needed of a pointer event; places are in the stage. */
export interface Contact extends Point {
	id: number;
	/** `mouse`, `pen` or `touch`. */
	type: string;
	/** As of PointerEvent: 0 the main one, 1 the middle one, 5 a pen's eraser. */
	button: number;
	pressure: number;
}

export interface GestureHandlers {
	/** Whether a contact moves the picture instead of drawing: the space bar is held, or there is nothing to draw on. */
	pans(): boolean;
	begin(contact: Contact): void;
	draw(contacts: readonly Contact[]): void;
	end(): void;
	/** What was begun is taken back: a second finger came. */
	cancel(): void;
	pan(by: Point): void;
	/** Two fingers now span `by` times as much, around `at`. */
	pinch(at: Point, by: number): void;
}

type State =
	| { kind: "idle" }
	| { kind: "drawing"; id: number }
	| { kind: "panning"; id: number; last: Point }
	| { kind: "pinching"; fingers: Map<number, Point> };

/** One finger, the pen or the main button draws; two fingers, the middle button or the space bar move the picture. */
export function createGestures(handlers: GestureHandlers) {
	let state: State = { kind: "idle" };
	const touches = new Map<number, Point>();

	const pinch = (contact: Contact, fingers: Map<number, Point>) => {
		const before = span(fingers);
		fingers.set(contact.id, { x: contact.x, y: contact.y });
		const after = span(fingers);
		handlers.pan({ x: after.middle.x - before.middle.x, y: after.middle.y - before.middle.y });
		if (before.length > 0 && after.length > 0) handlers.pinch(after.middle, after.length / before.length);
	};

	return {
		down(contact: Contact): void {
			const { id, x, y, type, button } = contact;
			if (type === "touch") touches.set(id, { x, y });
			if (touches.size === 2 && type === "touch") {
				if (state.kind === "drawing") handlers.cancel();
				state = { kind: "pinching", fingers: new Map(touches) };
			}
			if (state.kind !== "idle") return;
			if (button === 1 || handlers.pans()) {
				state = { kind: "panning", id, last: { x, y } };
			} else if (button === 0 || button === 5) {
				state = { kind: "drawing", id };
				handlers.begin(contact);
			}
		},
		/** All places since the last event, oldest first. */
		move(contacts: readonly Contact[]): void {
			const last = contacts.at(-1);
			if (!last) return;
			if (touches.has(last.id)) touches.set(last.id, { x: last.x, y: last.y });
			if (state.kind === "drawing" && state.id === last.id) handlers.draw(contacts);
			else if (state.kind === "panning" && state.id === last.id) {
				handlers.pan({ x: last.x - state.last.x, y: last.y - state.last.y });
				state = { ...state, last: { x: last.x, y: last.y } };
			} else if (state.kind === "pinching" && state.fingers.size === 2 && state.fingers.has(last.id)) pinch(last, state.fingers);
		},
		/** `lost`: the system took the pointer away. */
		up(id: number, lost = false): void {
			touches.delete(id);
			if (state.kind === "pinching") {
				// The other finger does not begin to draw where it happens to be.
				state.fingers.delete(id);
				if (touches.size === 0) state = { kind: "idle" };
			} else if (state.kind !== "idle" && state.id === id) {
				if (state.kind === "drawing") lost ? handlers.cancel() : handlers.end();
				state = { kind: "idle" };
			}
		},
	};
}

function span(fingers: ReadonlyMap<number, Point>): { middle: Point; length: number } {
	const [a = { x: 0, y: 0 }, b = a] = fingers.values();
	return { middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, length: Math.hypot(a.x - b.x, a.y - b.y) };
}
