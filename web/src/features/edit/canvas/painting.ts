import { type Command, segmentsOf } from "./commands.ts";
import { drawSegment, segmentBounds } from "./draw.ts";
import { boxOf, type Mask } from "./mask.ts";
import { createMaskDocument, type MaskDocument } from "./maskDocument.ts";
import { intersect, type Rect, type Size, union, wholeOf } from "./rect.ts";
import type { OverlaySource } from "./renderer.ts";
import { feather } from "./spread.ts";
import type { Tool, ToolPoint } from "./tools.ts";

/** Where the screen may have changed, and whether the mask did or only the stroke under way. */
type OnChange = (dirty: Rect, of: "mask" | "draft") => void;

/** Pixels; takes some 10 ms. */
const featheredAtOnce = 500_000;

/** A mask being worked on: the document, the stroke under way and the feather. Knows no screen. */
export class Painting {
	readonly overlay: OverlaySource;
	readonly #size: Size;
	readonly #whole: Rect;
	readonly #document: MaskDocument;
	readonly #onChange: OnChange;
	#featherPx = 0;
	/** Where the feather is still that of before. */
	#unfeathered: Rect | null = null;
	#tool: Tool | null = null;
	#box: Rect | null;
	/** What the stroke under way has covered; kept for the next one. */
	#draft: Uint8Array | null = null;
	/** How much of the stroke is in there, and where. */
	#drawn = 0;
	#drawnBounds: Rect | null = null;

	/** @param commands done already */
	constructor(size: Size, commands: readonly Command[], featherPx: number, onChange: OnChange) {
		this.#size = { width: size.width, height: size.height };
		this.#whole = wholeOf(size);
		this.#document = createMaskDocument(this.#size, commands);
		this.#onChange = onChange;
		this.overlay = { mask: this.#document.mask, soft: null, draft: null, draftErases: false };
		this.#box = boxOf(this.#document.mask);
		this.setFeather(featherPx);
	}

	get mask(): Mask {
		return this.#document.mask;
	}
	get commands(): readonly Command[] {
		return this.#document.commands;
	}
	get canUndo(): boolean {
		return this.#document.canUndo;
	}
	get canRedo(): boolean {
		return this.#document.canRedo;
	}
	/** Around what is marked. */
	get box(): Rect | null {
		return this.#box;
	}
	/** The tool at work. */
	get tool(): Tool | null {
		return this.#tool;
	}

	begin(tool: Tool, point: ToolPoint): void {
		this.cancel();
		this.#tool = tool;
		tool.down(point);
		this.#drawDraft();
	}
	move(points: readonly ToolPoint[]): void {
		for (const point of points) this.#tool?.move(point);
		this.#drawDraft();
	}
	/** The stroke becomes a command, if it is one. */
	end(): void {
		const command = this.#tool?.up() ?? null;
		this.#dropDraft();
		if (command) this.run(command);
	}
	cancel(): void {
		this.#tool?.cancel();
		this.#dropDraft();
	}
	run(command: Command): void {
		this.#changed(this.#document.run(command));
	}
	undo(): void {
		this.#changed(this.#document.undo());
	}
	redo(): void {
		this.#changed(this.#document.redo());
	}

	setFeather(px: number): void {
		if (px === this.#featherPx) return;
		this.#featherPx = px;
		this.overlay.soft = px > 0 ? (this.overlay.soft ?? new Uint8Array(this.#size.width * this.#size.height)) : null;
		if (this.#box) this.#unfeathered = this.#whole;
		this.#onChange(this.#whole, "draft");
	}

	/** Feathers a part of what is not yet, as much as a frame has time for, and says where; null: nothing was left. */
	featherSome(): Rect | null {
		const { soft } = this.overlay;
		const left = this.#unfeathered;
		if (!soft || !left) return null;
		const rows = Math.max(1, Math.floor(featheredAtOnce / Math.max(1, left.right - left.left)));
		const strip = { ...left, bottom: Math.min(left.bottom, left.top + rows) };
		this.#unfeathered = strip.bottom < left.bottom ? { ...left, top: strip.bottom } : null;
		return feather(this.mask, soft, strip, this.#featherPx);
	}

	#changed(dirty: Rect | null): void {
		if (!dirty) return;
		this.#box = boxOf(this.mask);
		if (this.overlay.soft) this.#unfeathered = union(this.#unfeathered, dirty);
		this.#onChange(dirty, "mask");
	}

	/** What came to the stroke since the last time. */
	#drawDraft(): void {
		const shown = this.#tool?.draft;
		if (shown?.kind !== "stroke" || shown.dabs.length === this.#drawn) return;
		this.#draft ??= new Uint8Array(this.#size.width * this.#size.height);
		this.overlay.draft = this.#draft;
		this.overlay.draftErases = shown.erase;
		let dirty: Rect | null = null;
		for (const [from, to] of segmentsOf(shown.dabs.slice(Math.max(0, this.#drawn - 3)))) {
			drawSegment({ ...this.#size, values: this.#draft }, from, to, this.#whole, 1);
			dirty = union(dirty, segmentBounds(from, to));
		}
		this.#drawn = shown.dabs.length;
		this.#drawnBounds = union(this.#drawnBounds, dirty);
		if (dirty) this.#onChange(intersect(dirty, this.#whole), "draft");
	}

	#dropDraft(): void {
		const bounds = this.#drawnBounds && intersect(this.#drawnBounds, this.#whole);
		const { width } = this.#size;
		if (bounds)
			for (let y = bounds.top; y < bounds.bottom; y++)
				if (bounds.left < bounds.right) this.#draft?.fill(0, y * width + bounds.left, y * width + bounds.right);
		this.overlay.draft = null;
		this.#tool = null;
		this.#drawn = 0;
		this.#drawnBounds = null;
		if (bounds) this.#onChange(bounds, "draft");
	}
}
