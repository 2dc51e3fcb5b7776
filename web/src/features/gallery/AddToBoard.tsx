import type { Board } from "@glassworks/sdk";
import { Dialog } from "../../ui/Dialog.tsx";
import { NewBoard } from "./NewBoard.tsx";
import { useBoards } from "./useGalleryActions.ts";

interface Props {
	count: number;
	onPick(board: Board): void;
	onClose(): void;
}

export function AddToBoard({ count, onPick, onClose }: Props) {
	const boards = useBoards().data ?? [];
	return (
		<Dialog title={count === 1 ? "Put it on a board" : `Put ${count} pictures on a board`} onClose={onClose}>
			{boards.length > 0 && (
				<ul className="grid max-h-72 gap-0.5 overflow-y-auto">
					{boards.map((board) => (
						<li key={board.id}>
							<button
								type="button"
								className="flex min-h-10 w-full items-center justify-between gap-3 rounded-lg px-3 text-left text-sm hover:bg-sunken"
								onClick={() => onPick(board)}
							>
								<span className="truncate">{board.name}</span>
								<span className="font-mono text-xs text-ink-faint tabular-nums">{board.pictures}</span>
							</button>
						</li>
					))}
				</ul>
			)}
			<NewBoard onMade={onPick} />
		</Dialog>
	);
}
