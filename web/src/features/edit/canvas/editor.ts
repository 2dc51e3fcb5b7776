import type { Command } from "./commands.ts";
import { createCross } from "./cross.ts";
import { type Contact, createGestures } from "./gestures.ts";
import type { Mask } from "./mask.ts";
import { Painting } from "./painting.ts";
import type { PictureLevels } from "./pictureLevels.ts";
import { type Rect, type Size, union, wholeOf } from "./rect.ts";
import { createRenderer, type PictureSource, type Renderer } from "./renderer.ts";
import { Stage } from "./stage.ts";
import { createTool, type ToolName, type ToolPoint } from "./tools.ts";
import { fit, keepInSight, type Point, toPicture, type View, zoomAt } from "./view.ts";

/** What the page around the picture shows of it. A new object whenever something of it changed. */
export interface EditorState {
	view: View;
	tool: ToolName;
	/** Diameter of the brush in the picture's pixels. */
	brushPx: number;
	canUndo: boolean;
	canRedo: boolean;
	/** Around what is marked. */
	box: Rect | null;
	/** Counts what was done to the mask. */
	version: number;
	/** Where the keyboard draws, in the picture's pixels; null: it does not. */
	cross: Point | null;
	isDrawing: boolean;
}

/** Whether the mask is worked on, or the picture is only looked at. */
export type Purpose = "mask" | "look";

export interface EditorOptions {
	picture: PictureLevels;
	/** Done to the mask before. */
	commands: readonly Command[];
	featherPx: number;
}

const leastBrushPx = 2;
const mostBrushPx = 2_000;
/** Around a fitted picture, in CSS pixels. */
const paddingPx = 24;

/** The picture and its mask in an element: what is drawn, how it is moved and what the tools do. No framework in here. */
export class Editor {
	readonly #size: Size;
	readonly #stage: Stage;
	readonly #renderer: Renderer;
	readonly #painting: Painting;
	readonly #cross: ReturnType<typeof createCross>;
	readonly #listeners = new Set<() => void>();
	#state: EditorState;
	#source: PictureSource;
	#purpose: Purpose = "mask";
	/** What is to be seen at once when the view is fitted, in the picture's pixels. */
	#world: Rect;
	#stageSize: Size = { width: 0, height: 0 };
	/** What the next frame has to draw: the whole picture, and which part of the overlay. */
	#owed: { all: boolean; overlay: Rect | null } = { all: false, overlay: null };
	#frame = 0;
	#isSpaceHeld = false;

	constructor(host: HTMLElement, { picture, commands, featherPx }: EditorOptions) {
		this.#size = { width: picture.width, height: picture.height };
		this.#world = wholeOf(picture);
		this.#source = { picture, result: null };
		this.#stage = new Stage(host);
		this.#renderer = createRenderer(this.#stage.picture, this.#stage.overlay);
		this.#state = {
			...{ view: { scale: 1, x: 0, y: 0 }, tool: "brush", brushPx: leastBrushPx },
			...{ canUndo: false, canRedo: false, box: null, version: 0, cross: null, isDrawing: false },
		};
		this.#painting = new Painting(picture, commands, featherPx, (dirty, of) => {
			this.#owe(false, dirty);
			if (of === "mask") this.#tellMask();
		});
		this.#cross = this.#createCross();
		this.#listen();
		this.setBrush(Math.max(picture.width, picture.height) / 16);
		this.#tellMask();
		this.#showCursor();
	}

	readonly get = (): EditorState => this.#state;
	readonly subscribe = (listener: () => void): (() => void) => {
		this.#listeners.add(listener);
		return () => void this.#listeners.delete(listener);
	};
	get commands(): readonly Command[] {
		return this.#painting.commands;
	}
	get mask(): Mask {
		return this.#painting.mask;
	}

	setTool(tool: ToolName): void {
		this.#set({ tool });
		this.#showCursor();
	}
	setBrush(px: number): void {
		this.#set({ brushPx: Math.min(mostBrushPx, Math.max(leastBrushPx, Math.round(px))) });
	}
	setFeather(px: number): void {
		this.#painting.setFeather(px);
	}
	run(command: Command): void {
		this.#painting.run(command);
	}
	undo(): void {
		this.#painting.undo();
	}
	redo(): void {
		this.#painting.redo();
	}
	/** `at`: of the stage; left out, its middle. */
	zoom(by: number, at: Point = { x: this.#stageSize.width / 2, y: this.#stageSize.height / 2 }): void {
		this.#look(zoomAt(this.#state.view, at, by, this.#fitted().scale));
	}
	fit(): void {
		this.#look(this.#fitted());
	}
	/** While it is held, dragging moves the picture. */
	holdSpace(isHeld: boolean): void {
		this.#isSpaceHeld = isHeld;
		this.#showCursor();
	}
	/** A key pressed while the picture has the focus. True: it meant something. */
	pressKey(key: string, isFast: boolean): boolean {
		return this.#purpose === "mask" && this.#cross.press(key, isFast);
	}
	hideCross(): void {
		this.#cross.hide();
	}
	setWorld(world: Rect): void {
		const isFitted = this.#state.view.scale === this.#fitted().scale;
		this.#world = world;
		this.#look(isFitted ? this.#fitted() : this.#state.view);
	}
	setPurpose(purpose: Purpose): void {
		this.#purpose = purpose;
		if (purpose === "look") this.#cross.hide();
		this.#showCursor();
		this.#owe(true, null);
	}
	/** A result laid over the picture, or none. */
	compare(result: PictureSource["result"]): void {
		this.#source = { ...this.#source, result };
		this.#owe(true, null);
	}
	close(): void {
		cancelAnimationFrame(this.#frame);
		this.#listeners.clear();
		this.#stage.close();
	}

	#set(change: Partial<EditorState>): void {
		this.#state = { ...this.#state, ...change };
		for (const listener of this.#listeners) listener();
	}
	#tellMask(): void {
		const { canUndo, canRedo, box } = this.#painting;
		this.#set({ canUndo, canRedo, box, version: this.#state.version + 1 });
	}
	#fitted(): View {
		return fit(this.#world, this.#stageSize, paddingPx);
	}
	#look(view: View): void {
		this.#set({ view: keepInSight(view, this.#world, this.#stageSize) });
		this.#owe(true, null);
		this.#stage.showCross(this.#state.view, this.#state.cross);
	}

	#owe(all: boolean, overlay: Rect | null): void {
		this.#owed = { all: this.#owed.all || all, overlay: union(this.#owed.overlay, overlay) };
		this.#frame ||= requestAnimationFrame(() => this.#draw());
	}
	/** Reads, and changes nothing but the screen. */
	#draw(): void {
		this.#frame = 0;
		const feathered = this.#painting.featherSome();
		if (feathered) this.#owe(false, feathered);
		const { all, overlay } = this.#owed;
		const { view } = this.#state;
		this.#owed = { all: false, overlay: null };
		if (all) this.#renderer.drawPicture(view, this.#source);
		if (this.#purpose === "look") this.#renderer.clearOverlay();
		else if (all || overlay) this.#renderer.drawOverlay(view, this.#painting.overlay, all ? null : overlay);
		this.#stage.showOutline(view, this.#painting.tool?.draft ?? null);
	}
	#showCursor(): void {
		const isLooking = this.#isSpaceHeld || this.#purpose === "look";
		this.#stage.setCursor(isLooking ? "grab" : isBrush(this.#state.tool) ? "none" : "crosshair");
	}

	#begin(point: ToolPoint, erase: boolean): void {
		this.#painting.begin(createTool(this.#state.tool, { erase, sizePx: this.#state.brushPx }), point);
		this.#set({ isDrawing: true });
		this.#owe(false, null);
	}
	#move(points: readonly ToolPoint[]): void {
		this.#painting.move(points);
		this.#owe(false, null);
	}
	#finish(keep: boolean): void {
		if (keep) this.#painting.end();
		else this.#painting.cancel();
		this.#set({ isDrawing: false });
		this.#owe(false, null);
	}

	#createCross() {
		return createCross({
			state: this.get,
			size: this.#size,
			show: (at) => {
				this.#set({ cross: at });
				this.#stage.showCross(this.#state.view, at);
			},
			begin: (at) => this.#begin({ ...at, pressure: 1 }, false),
			move: (at) => this.#move([{ ...at, pressure: 1 }]),
			finish: (keep) => this.#finish(keep),
		});
	}

	#listen(): void {
		const pointOf = ({ type, pressure, x, y }: Contact): ToolPoint => ({
			...toPicture(this.#state.view, { x, y }),
			pressure: type === "pen" && pressure > 0 ? pressure : 1,
		});
		const gestures = createGestures({
			pans: () => this.#isSpaceHeld || this.#purpose === "look",
			begin: (contact) => {
				this.#cross.hide();
				this.#begin(pointOf(contact), contact.button === 5);
			},
			draw: (contacts) => this.#move(contacts.map(pointOf)),
			end: () => this.#finish(true),
			cancel: () => this.#finish(false),
			pan: ({ x, y }) => this.#look({ ...this.#state.view, x: this.#state.view.x + x, y: this.#state.view.y + y }),
			pinch: (at, by) => this.zoom(by, at),
		});
		this.#stage.listen({
			...gestures,
			wheel: (at, by) => this.zoom(by, at),
			hover: (at) => {
				const { tool, brushPx, view } = this.#state;
				this.#stage.showBrush(at, this.#purpose === "mask" && isBrush(tool) ? brushPx * view.scale : null);
			},
			resized: (size, density) => {
				const isFirst = this.#stageSize.width === 0;
				this.#stageSize = size;
				this.#renderer.resize(size, density);
				this.#look(isFirst ? this.#fitted() : this.#state.view);
			},
		});
	}
}

const isBrush = (tool: ToolName) => tool === "brush" || tool === "eraser";
