import { type ReactNode, useLayoutEffect, useRef } from "react";
import { IconButton } from "./IconButton.tsx";
import { Close } from "./icons.tsx";

interface Props {
	title: string;
	onClose(): void;
	children: ReactNode;
	/** Width and the like. */
	className?: string;
}

/** Open while it is rendered. The browser's own: focus stays inside and goes back afterwards; Escape and a click beside it close it. */
export function Dialog({ title, onClose, children, className = "max-w-md" }: Props) {
	const ref = useRef<HTMLDialogElement>(null);
	useLayoutEffect(() => {
		const dialog = ref.current;
		dialog?.showModal();
		return () => dialog?.close();
	}, []);
	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: a click beside it; Escape does the same.
		<dialog
			ref={ref}
			aria-label={title}
			className={`m-auto max-h-[min(90dvh,52rem)] w-[calc(100%-2rem)] overflow-y-auto overscroll-contain rounded-2xl border border-line bg-raised p-0 shadow-(--shadow) backdrop:bg-black/60 ${className}`}
			onCancel={(event) => {
				event.preventDefault();
				onClose();
			}}
			onClick={(event) => event.target === ref.current && onClose()}
		>
			<div className="grid gap-4 p-5">
				<div className="flex items-center justify-between gap-4">
					<h2 className="text-lg font-semibold tracking-tight">{title}</h2>
					<IconButton label="Close" className="-mr-2" onClick={onClose}>
						<Close />
					</IconButton>
				</div>
				{children}
			</div>
		</dialog>
	);
}
