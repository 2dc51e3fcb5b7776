import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api.ts";
import { adviceFor } from "../../format/advice.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { Pencil } from "../../ui/icons.tsx";
import { Notice } from "../../ui/Notice.tsx";
import type { GalleryFilter } from "./useGallery.ts";
import { useBoards } from "./useGalleryActions.ts";

/** What is shown; a board can be renamed and deleted there. */
export function BoardTitle({ filter, onGone }: { filter: GalleryFilter; onGone(): void }) {
	const board = useBoards().data?.find(({ id }) => id === filter.board);
	const [isOpen, setOpen] = useState(false);
	const title = filter.starred ? "Starred" : filter.board === null ? "Gallery" : (board?.name ?? "Board");
	return (
		<div className="flex min-h-10 min-w-0 items-center gap-1">
			<h1 className="truncate text-2xl font-semibold tracking-tight">{title}</h1>
			{board && (
				<IconButton label="Rename or delete the board" onClick={() => setOpen(true)}>
					<Pencil />
				</IconButton>
			)}
			{board && isOpen && <EditBoard id={board.id} name={board.name} onClose={() => setOpen(false)} onGone={onGone} />}
		</div>
	);
}

function EditBoard({ id, name, onClose, onGone }: { id: string; name: string; onClose(): void; onGone(): void }) {
	const [text, setText] = useState(name);
	const queries = useQueryClient();
	const done = () => queries.invalidateQueries({ queryKey: ["boards"] });
	const rename = useMutation({ mutationFn: () => api.boards.rename(id, text.trim()), onSuccess: () => done().then(onClose) });
	const remove = useMutation({ mutationFn: () => api.boards.delete(id), onSuccess: () => done().then(onGone) });
	const failed = rename.error ?? remove.error;
	return (
		<Dialog title="Board" onClose={onClose}>
			<form
				className="grid gap-4"
				onSubmit={(event) => {
					event.preventDefault();
					if (text.trim() !== "") rename.mutate();
				}}
			>
				<label className="grid gap-1.5">
					<span className="text-sm font-medium text-ink-soft">Name</span>
					<input className="field h-10 px-3 text-sm" maxLength={100} value={text} onChange={(event) => setText(event.target.value)} />
				</label>
				{failed && <Notice title={adviceFor(failed).title} />}
				<div className="flex flex-wrap justify-between gap-2">
					<Button className="border-alarm-ink text-alarm-ink" disabled={remove.isPending} onClick={() => remove.mutate()}>
						Delete the board, keep the pictures
					</Button>
					<Button submit disabled={text.trim() === "" || rename.isPending}>
						Rename
					</Button>
				</div>
			</form>
		</Dialog>
	);
}
