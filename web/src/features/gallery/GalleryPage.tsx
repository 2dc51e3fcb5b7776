import type { GalleryImage } from "@glassworks/sdk";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { isTyping } from "../../app/shortcuts.ts";
import { adviceFor } from "../../format/advice.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { PictureDialog } from "../picture/PictureDialog.tsx";
import { Boards } from "./Boards.tsx";
import { BoardTitle } from "./BoardTitle.tsx";
import { keyOf } from "./cached.ts";
import { DeleteDialog } from "./DeleteDialog.tsx";
import { EmptyGallery } from "./EmptyGallery.tsx";
import { PictureGrid } from "./PictureGrid.tsx";
import { SearchBox } from "./SearchBox.tsx";
import { SelectionBar } from "./SelectionBar.tsx";
import { extend, nothing, restrict, toggle } from "./selection.ts";
import { type GalleryFilter, useGallery } from "./useGallery.ts";
import { useGalleryActions } from "./useGalleryActions.ts";

export function GalleryPage() {
	const [filter, search, setSearch] = useFilter();
	const searchBox = useRef<HTMLInputElement>(null);
	const { pages, pictures } = useGallery(filter);
	const actions = useGalleryActions();
	const { selected, selection, order } = useSelection(pictures, filter);
	const [doomed, setDoomed] = useState<readonly GalleryImage[] | null>(null);
	const navigate = useNavigate();
	const more = useMore(pages);
	const show = (address: string | null, replace = false) => setSearch(withPicture(address), { replace });
	useSlash(searchBox);
	return (
		<div className="grid flex-1 content-start lg:grid-cols-[15rem_1fr]">
			<Boards filter={filter} onMade={(view) => setSearch({ view })} />
			<div className="min-w-0 p-4 lg:p-6">
				<div className="mb-4 flex flex-wrap items-center justify-between gap-3">
					<BoardTitle filter={filter} onGone={() => setSearch({})} />
					<SearchBox boxRef={searchBox} value={filter.q} onChange={(q) => setSearch(withSearch(q), { replace: true })} />
				</div>
				{pages.isPending && <Loading />}
				{pages.isError && pictures.length === 0 && <Failed error={pages.error} onRetry={() => void pages.refetch()} />}
				{pages.isSuccess && pictures.length === 0 && <EmptyGallery filter={filter} />}
				{pictures.length > 0 && (
					<PictureGrid
						key={search.get("view")}
						pictures={pictures}
						selected={selection.keys}
						hasMore={pages.hasNextPage}
						onMore={more}
						onOpen={(picture) => show(keyOf(picture))}
						{...selected}
						onStar={(picture) => actions.change.mutate({ pictures: [picture], starred: !picture.starred })}
						onDelete={(picture) => setDoomed(selection.keys.size > 0 ? chosen(pictures, selection.keys) : [picture])}
					/>
				)}
				{pages.isFetchNextPageError && <Failed error={pages.error} onRetry={() => void pages.fetchNextPage()} />}
				{selection.keys.size > 0 && (
					<SelectionBar
						pictures={chosen(pictures, selection.keys)}
						board={filter.board}
						actions={actions}
						onDelete={() => setDoomed(chosen(pictures, selection.keys))}
						onClear={selected.onClear}
					/>
				)}
			</div>
			{doomed && <DeleteDialog pictures={doomed} remove={actions.remove} onClose={() => setDoomed(null)} />}
			<PictureDialog
				address={search.get("picture")}
				order={order}
				onMove={(address) => show(address, true)}
				onClose={() => show(null, true)}
				onUse={(use) => void navigate("/", { state: { use } })}
			/>
		</div>
	);
}

const chosen = (pictures: readonly GalleryImage[], keys: ReadonlySet<string>) => pictures.filter((picture) => keys.has(keyOf(picture)));

const withSearch = (q: string) => (before: URLSearchParams) => {
	before.delete("q");
	if (q !== "") before.set("q", q);
	return before;
};

const withPicture = (address: string | null) => (before: URLSearchParams) => {
	before.delete("picture");
	if (address) before.set("picture", address);
	return before;
};

/** Loads the next page, one at a time; after a failure only when somebody says so. */
function useMore({ fetchNextPage, isFetchingNextPage, isFetchNextPageError }: ReturnType<typeof useGallery>["pages"]): () => void {
	return useCallback(() => {
		if (!isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
	}, [isFetchingNextPage, isFetchNextPageError, fetchNextPage]);
}

/** What the address says is to be shown: a reload and a link find it again. */
function useFilter(): [GalleryFilter, ...ReturnType<typeof useSearchParams>] {
	const [search, setSearch] = useSearchParams();
	const [q, view] = [search.get("q") ?? "", search.get("view")];
	const filter = useMemo(() => ({ q, starred: view === "starred", board: view === "starred" ? null : view }), [q, view]);
	return [filter, search, setSearch];
}

function useSelection(pictures: readonly GalleryImage[], filter: GalleryFilter) {
	const [state, setState] = useState(nothing);
	const order = useMemo(() => pictures.map(keyOf), [pictures]);
	// biome-ignore lint/correctness/useExhaustiveDependencies: what was selected elsewhere is not on the screen.
	useEffect(() => setState(nothing), [filter]);
	const selection = useMemo(() => restrict(state, order), [state, order]);
	const selected = {
		onSelect: (picture: GalleryImage, isRange: boolean) =>
			setState((before) => (isRange ? extend(before, keyOf(picture), order) : toggle(before, keyOf(picture)))),
		onSelectAll: () => setState({ keys: new Set(order), anchor: null }),
		onClear: () => setState(nothing),
	};
	return { selected, selection, order };
}

/** / goes to the search box. */
function useSlash(box: React.RefObject<HTMLInputElement | null>): void {
	useEffect(() => {
		const onKey = (event: KeyboardEvent) => {
			if (event.key !== "/" || isTyping(event.target) || document.querySelector("dialog[open]")) return;
			event.preventDefault();
			box.current?.focus();
		};
		window.addEventListener("keydown", onKey);
		return () => window.removeEventListener("keydown", onKey);
	}, [box]);
}

/** As large as what comes, so that nothing jumps. */
function Loading() {
	return (
		<div className="grid grid-cols-[repeat(auto-fill,minmax(10.75rem,1fr))] gap-2.5 max-sm:grid-cols-3">
			<p className="sr-only" role="status">
				Loading
			</p>
			{Array.from({ length: 24 }, (_, index) => index).map((index) => (
				<div key={index} className="annealing aspect-square rounded-tile border border-line" />
			))}
		</div>
	);
}

function Failed({ error, onRetry }: { error: Error | null; onRetry(): void }) {
	const { title, advice } = adviceFor(error);
	return (
		<Notice title={title} action={<Button onClick={onRetry}>Try again</Button>}>
			{advice}
		</Notice>
	);
}
