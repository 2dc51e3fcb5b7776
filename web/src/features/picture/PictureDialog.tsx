import { useEffect, useRef, useState } from "react";
import type { Draft } from "../create/draft.ts";
import { PictureView } from "./PictureView.tsx";
import { useOpenPicture } from "./useOpenPicture.ts";
import { useStar } from "./useStar.ts";

interface Props {
	/** `<job id>.<n>` from the page's address; null: closed. */
	address: string | null;
	/** Addresses of the pictures it was opened among, in their order. */
	order: readonly string[];
	onMove(address: string): void;
	onClose(): void;
	onUse(changes: Partial<Draft>): void;
}

/** A picture over the page. The browser's own dialog: focus stays inside and Escape closes it. */
export function PictureDialog({ address, order, onMove, onClose, onUse }: Props) {
	const dialog = useRef<HTMLDialogElement>(null);
	const picture = useOpenPicture(address);
	const star = useStar();
	const [isComparing, setComparing] = useState(false);
	const [isRecipeShown, setRecipeShown] = useState(true);
	const isOpen = picture !== null;

	useEffect(() => {
		if (isOpen && !dialog.current?.open) {
			dialog.current?.showModal();
			// Not one of its buttons: the arrow keys are for the pictures.
			dialog.current?.focus();
		}
		if (!isOpen) dialog.current?.close();
	}, [isOpen]);

	const at = address === null ? -1 : order.indexOf(address);
	const to = (index: number) => {
		const target = at < 0 ? undefined : order[index];
		return target === undefined ? undefined : () => onMove(target);
	};
	const [previous, next] = [to(at - 1), to(at + 1)];
	const keys: Record<string, (() => void) | undefined> = {
		ArrowLeft: previous,
		ArrowRight: next,
		i: () => setRecipeShown(!isRecipeShown),
		c: picture?.image.original_url ? () => setComparing(!isComparing) : undefined,
		".": picture ? () => star.mutate(picture) : undefined,
	};
	return (
		<dialog
			ref={dialog}
			aria-label="Picture"
			tabIndex={-1}
			className="outline-none m-auto size-full max-h-dvh max-w-none bg-canvas backdrop:bg-black/60 open:grid lg:h-[94dvh] lg:w-[94vw] lg:rounded-2xl lg:border lg:border-line lg:shadow-(--shadow)"
			onClose={() => isOpen && onClose()}
			onKeyDown={(event) => {
				if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
				keys[event.key]?.();
			}}
		>
			{picture && (
				<PictureView
					key={address}
					{...picture}
					{...{ isComparing, isRecipeShown, onUse, onClose }}
					onCompare={setComparing}
					onRecipe={setRecipeShown}
					onStar={() => star.mutate(picture)}
					onPrevious={previous}
					onNext={next}
				/>
			)}
		</dialog>
	);
}
