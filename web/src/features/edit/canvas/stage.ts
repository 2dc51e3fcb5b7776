import type { Contact } from "./gestures.ts";
import type { Size } from "./rect.ts";
import type { Draft } from "./tools.ts";
import { type Point, toStage, type View } from "./view.ts";

interface StageHandlers {
	down(contact: Contact): void;
	move(contacts: readonly Contact[]): void;
	up(id: number, lost: boolean): void;
	wheel(at: Point, by: number): void;
	/** Where a pointer that can hover is; null: not over the stage. */
	hover(at: Point | null): void;
	resized(size: Size, density: number): void;
}

/** More than two device pixels for one of CSS cost time and are not seen. */
const maxDensity = 2;
const lineHeightPx = 16;

/** The elements in `host` that a picture is edited in, and what happens on them. */
export class Stage {
	readonly picture: HTMLCanvasElement = document.createElement("canvas");
	readonly overlay: HTMLCanvasElement = document.createElement("canvas");
	readonly #host: HTMLElement;
	readonly #brush = document.createElement("div");
	readonly #outlines = [draw("polyline"), draw("polyline")];
	readonly #cross = draw("path");
	readonly #leaving = new AbortController();
	#observer: ResizeObserver | null = null;

	constructor(host: HTMLElement) {
		this.#host = host;
		const lines = draw("svg");
		lines.append(...this.#outlines, this.#cross);
		for (const element of [this.picture, this.overlay, lines, this.#brush]) {
			element.setAttribute("aria-hidden", "true");
			Object.assign(element.style, { position: "absolute", inset: "0", pointerEvents: "none" });
		}
		for (const element of [this.picture, this.overlay, lines]) Object.assign(element.style, { width: "100%", height: "100%" });
		// Dark under light: seen on every picture.
		const light = { fill: "none", stroke: "#ffffff", strokeWidth: "1.5" };
		const styles = [
			{ fill: "none", stroke: "#140c04", strokeWidth: "3" },
			{ ...light, fill: "rgb(255 150 40 / 0.25)", strokeDasharray: "5 4" },
		];
		for (const [at, line] of this.#outlines.entries()) Object.assign(line.style, styles[at]);
		Object.assign(this.#cross.style, { ...light, filter: "drop-shadow(0 0 1px #000) drop-shadow(0 0 1px #000)" });
		Object.assign(this.#brush.style, {
			...{ display: "none", boxSizing: "border-box", borderRadius: "50%", border: "1.5px solid #fff" },
			...{ boxShadow: "0 0 0 1px rgb(0 0 0 / 0.7), inset 0 0 0 1px rgb(0 0 0 / 0.7)" },
		});
		host.style.touchAction = "none";
		host.append(this.picture, this.overlay, lines, this.#brush);
	}

	listen(handlers: StageHandlers): void {
		const { signal } = this.#leaving;
		const on = (name: "pointerdown" | "pointermove" | "pointerup" | "pointercancel" | "pointerleave", act: (event: PointerEvent) => void) =>
			this.#host.addEventListener(name, act, { signal });
		on("pointerdown", (event) => {
			this.#host.setPointerCapture(event.pointerId);
			// The middle button would scroll.
			if (event.button === 1) event.preventDefault();
			handlers.down(this.#contactOf(event));
		});
		on("pointermove", (event) => {
			const coalesced = event.getCoalescedEvents?.() ?? [];
			handlers.move((coalesced.length > 0 ? coalesced : [event]).map((each) => this.#contactOf(each)));
			if (event.pointerType !== "touch") handlers.hover(this.#placeOf(event));
		});
		on("pointerup", (event) => handlers.up(event.pointerId, false));
		on("pointercancel", (event) => handlers.up(event.pointerId, true));
		on("pointerleave", () => handlers.hover(null));
		const onWheel = (event: WheelEvent) => {
			event.preventDefault();
			const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? lineHeightPx : 1;
			// A pinch on a trackpad comes as small steps with Ctrl.
			handlers.wheel(this.#placeOf(event), Math.exp(-event.deltaY * unit * (event.ctrlKey ? 0.01 : 0.0015)));
		};
		this.#host.addEventListener("wheel", onWheel, { signal, passive: false });
		this.#observer = new ResizeObserver(() => {
			const size = { width: this.#host.clientWidth, height: this.#host.clientHeight };
			if (size.width > 0 && size.height > 0) handlers.resized(size, Math.min(maxDensity, window.devicePixelRatio));
		});
		this.#observer.observe(this.#host);
	}

	setCursor(cursor: string): void {
		this.#host.style.cursor = cursor;
	}
	/** A ring of this diameter; null: none. */
	showBrush(at: Point | null, diameter: number | null): void {
		const isShown = at !== null && diameter !== null;
		this.#brush.style.display = isShown ? "block" : "none";
		if (!isShown) return;
		Object.assign(this.#brush.style, { inset: "0 auto auto 0", width: `${diameter}px`, height: `${diameter}px` });
		this.#brush.style.transform = `translate(${at.x - diameter / 2}px, ${at.y - diameter / 2}px)`;
	}
	showOutline(view: View, draft: Draft): void {
		const points = draft?.kind === "outline" ? draft.points : [];
		const ring = draft?.kind === "outline" && draft.closed ? [...points, ...points.slice(0, 2)] : points;
		const places: string[] = [];
		for (let at = 0; at < ring.length; at += 2) {
			const { x, y } = toStage(view, { x: ring[at] ?? 0, y: ring[at + 1] ?? 0 });
			places.push(`${x},${y}`);
		}
		for (const line of this.#outlines) line.setAttribute("points", places.join(" "));
	}
	showCross(view: View, at: Point | null): void {
		const { x, y } = toStage(view, at ?? { x: 0, y: 0 });
		this.#cross.setAttribute("d", at ? `M${x - 14} ${y}h10m8 0h10M${x} ${y - 14}v10m0 8v10` : "");
	}
	close(): void {
		this.#leaving.abort();
		this.#observer?.disconnect();
		this.#host.replaceChildren();
	}

	#placeOf(event: PointerEvent | WheelEvent): Point {
		const { left, top } = this.#host.getBoundingClientRect();
		return { x: event.clientX - left - this.#host.clientLeft, y: event.clientY - top - this.#host.clientTop };
	}
	#contactOf(event: PointerEvent): Contact {
		const isEraser = event.pointerType === "pen" && (event.button === 5 || (event.buttons & 32) !== 0);
		const { pointerId: id, pointerType: type, pressure } = event;
		return { ...this.#placeOf(event), id, type, button: isEraser ? 5 : event.button, pressure };
	}
}

function draw<Name extends "svg" | "polyline" | "path">(name: Name): SVGElementTagNameMap[Name] {
	return document.createElementNS("http://www.w3.org/2000/svg", name);
}
