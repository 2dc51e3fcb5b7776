import type { Size } from "./canvas/rect.ts";
import { rectToStage, type View } from "./canvas/view.ts";
import { clampMargin, extendedRect, type Margins, maxMarginPx, type Side, sides } from "./outpaint.ts";

interface Props {
	view: View;
	size: Size;
	margins: Margins;
	onChange(margins: Margins): void;
}

const words: Record<Side, string> = { left: "on the left", top: "at the top", right: "on the right", bottom: "at the bottom" };
/** Which way is outwards, for the pointer and for the arrow keys. */
const outwards: Record<Side, { x: number; y: number; more: string; less: string }> = {
	left: { x: -1, y: 0, more: "ArrowLeft", less: "ArrowRight" },
	right: { x: 1, y: 0, more: "ArrowRight", less: "ArrowLeft" },
	top: { x: 0, y: -1, more: "ArrowUp", less: "ArrowDown" },
	bottom: { x: 0, y: 1, more: "ArrowDown", less: "ArrowUp" },
};
const keyStepPx = 8;
const fastKeyStepPx = 64;

/** The border that will be added, and a handle on each side of it. */
export function OutpaintFrame({ view, size, margins, onChange }: Props) {
	const outer = rectToStage(view, extendedRect(size, margins));
	const inner = rectToStage(view, { left: 0, top: 0, right: size.width, bottom: size.height });
	const hole = {
		left: inner.left - outer.left,
		top: inner.top - outer.top,
		right: inner.right - outer.left,
		bottom: inner.bottom - outer.top,
	};
	const ring = `polygon(evenodd, 0 0, 100% 0, 100% 100%, 0 100%, 0 0, ${hole.left}px ${hole.top}px, ${hole.right}px ${hole.top}px, ${hole.right}px ${hole.bottom}px, ${hole.left}px ${hole.bottom}px, ${hole.left}px ${hole.top}px)`;
	return (
		<>
			<div
				aria-hidden="true"
				className="pointer-events-none absolute border border-dashed border-ember-ink bg-ember-wash"
				style={{ ...boxOf(outer), clipPath: ring }}
			/>
			{sides.map((side) => (
				<Handle key={side} side={side} outer={outer} scale={view.scale} margins={margins} onChange={onChange} />
			))}
		</>
	);
}

const boxOf = ({ left, top, right, bottom }: { left: number; top: number; right: number; bottom: number }) => ({
	...{ left, top, width: right - left, height: bottom - top },
});

interface HandleProps {
	side: Side;
	outer: { left: number; top: number; right: number; bottom: number };
	scale: number;
	margins: Margins;
	onChange(margins: Margins): void;
}

function Handle({ side, outer, scale, margins, onChange }: HandleProps) {
	const { x, y, more, less } = outwards[side];
	const isUpright = y === 0;
	const set = (px: number) => onChange({ ...margins, [side]: clampMargin(px) });
	const place = isUpright
		? { left: outer[side], top: (outer.top + outer.bottom) / 2 }
		: { left: (outer.left + outer.right) / 2, top: outer[side] };
	const drag = (down: React.PointerEvent<HTMLDivElement>) => {
		const handle = down.currentTarget;
		const from = margins[side];
		handle.setPointerCapture(down.pointerId);
		const move = (event: PointerEvent) => set(from + ((event.clientX - down.clientX) * x + (event.clientY - down.clientY) * y) / scale);
		handle.addEventListener("pointermove", move);
		handle.addEventListener("lostpointercapture", () => handle.removeEventListener("pointermove", move), { once: true });
	};
	return (
		<div
			role="slider"
			tabIndex={0}
			aria-label={`Pixels to add ${words[side]}`}
			aria-valuemin={0}
			aria-valuemax={maxMarginPx}
			aria-valuenow={margins[side]}
			aria-orientation={isUpright ? "horizontal" : "vertical"}
			className={`absolute z-10 grid size-11 -translate-1/2 touch-none place-items-center ${isUpright ? "cursor-ew-resize" : "cursor-ns-resize"}`}
			style={place}
			onPointerDown={drag}
			onKeyDown={(event) => {
				const step = event.shiftKey ? fastKeyStepPx : keyStepPx;
				if (event.key === more) set(margins[side] + step);
				else if (event.key === less) set(margins[side] - step);
				else if (event.key === "Home") set(0);
				else return;
				event.preventDefault();
			}}
		>
			<span className={`molten rounded-full ${isUpright ? "h-8 w-2.5" : "h-2.5 w-8"}`} />
		</div>
	);
}
