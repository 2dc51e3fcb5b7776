import type { Size } from "./rect.ts";
import type { Point } from "./view.ts";

interface CrossHost {
	state(): { cross: Point | null; isDrawing: boolean; view: { scale: number } };
	size: Size;
	show(at: Point | null): void;
	begin(at: Point): void;
	move(at: Point): void;
	finish(keep: boolean): void;
}

const stepPx = 8;
const fastStepPx = 48;
const directions: Readonly<Record<string, Point>> = {
	ArrowLeft: { x: -1, y: 0 },
	ArrowRight: { x: 1, y: 0 },
	ArrowUp: { x: 0, y: -1 },
	ArrowDown: { x: 0, y: 1 },
};

/** Drawing by keys: arrows move a cross, Enter puts the tool down there and lifts it again, Escape takes the stroke back. */
export function createCross(host: CrossHost) {
	const clamp = (value: number, most: number) => Math.min(most, Math.max(0, value));
	const step = ({ x, y }: Point, from: Point, isFast: boolean): Point => {
		// As far on the screen whatever the zoom; whole pixels of the picture.
		const by = Math.max(1, Math.round((isFast ? fastStepPx : stepPx) / host.state().view.scale));
		return { x: clamp(from.x + x * by, host.size.width), y: clamp(from.y + y * by, host.size.height) };
	};
	return {
		hide() {
			if (host.state().cross) host.show(null);
		},
		press(key: string, isFast: boolean): boolean {
			const { cross, isDrawing } = host.state();
			const at = cross ?? { x: Math.round(host.size.width / 2), y: Math.round(host.size.height / 2) };
			const direction = directions[key];
			if (direction) {
				const next = cross ? step(direction, at, isFast) : at;
				host.show(next);
				if (isDrawing) host.move(next);
			} else if (key === "Enter") {
				host.show(at);
				isDrawing ? host.finish(true) : host.begin(at);
			} else if (key === "Escape" && (isDrawing || cross)) {
				isDrawing ? host.finish(false) : host.show(null);
			} else return false;
			return true;
		},
	};
}
