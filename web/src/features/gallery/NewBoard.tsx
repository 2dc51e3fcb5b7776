import type { Board } from "@glassworks/sdk";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api.ts";
import { adviceFor } from "../../format/advice.ts";
import { Button } from "../../ui/Button.tsx";

/** A name, and a board is made. */
export function NewBoard({ onMade }: { onMade(board: Board): void }) {
	const [name, setName] = useState("");
	const queries = useQueryClient();
	const make = useMutation({
		mutationFn: (wanted: string) => api.boards.create(wanted),
		onSuccess: async (board) => {
			setName("");
			await queries.invalidateQueries({ queryKey: ["boards"] });
			onMade(board);
		},
	});
	return (
		<form
			className="grid grid-cols-[minmax(0,1fr)] gap-1.5"
			onSubmit={(event) => {
				event.preventDefault();
				if (name.trim() !== "" && !make.isPending) make.mutate(name.trim());
			}}
		>
			<div className="flex gap-2">
				<input
					className="field h-10 min-w-0 flex-1 px-3 text-sm"
					aria-label="Name of a new board"
					placeholder="New board"
					maxLength={100}
					value={name}
					onChange={(event) => setName(event.target.value)}
				/>
				<Button submit disabled={name.trim() === "" || make.isPending}>
					Make
				</Button>
			</div>
			{make.isError && (
				<p role="alert" className="text-[13px] text-alarm-ink">
					{adviceFor(make.error).title}
				</p>
			)}
		</form>
	);
}
