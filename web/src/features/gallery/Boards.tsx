import type { ReactNode } from "react";
import { Link } from "react-router";
import { Gallery, Star } from "../../ui/icons.tsx";
import { NewBoard } from "./NewBoard.tsx";
import type { GalleryFilter } from "./useGallery.ts";
import { useBoards } from "./useGalleryActions.ts";

/** What the gallery can be narrowed to: a column beside it, or a row above it on a phone. */
export function Boards({ filter, onMade }: { filter: GalleryFilter; onMade(id: string): void }) {
	const boards = useBoards().data ?? [];
	const { q, starred, board } = filter;
	return (
		<nav
			aria-label="Boards"
			className="flex gap-1.5 overflow-x-auto px-4 pt-3 lg:sticky lg:top-14 lg:grid lg:h-[calc(100dvh-3.5rem)] lg:grid-cols-[minmax(0,1fr)] lg:content-start lg:gap-0.5 lg:overflow-y-auto lg:border-r lg:border-line lg:px-3 lg:pt-6 lg:pb-5"
		>
			<Item to={address({ q })} isCurrent={!starred && board === null} icon={<Gallery />}>
				All pictures
			</Item>
			<Item to={address({ q, view: "starred" })} isCurrent={starred} icon={<Star filled={starred} />}>
				Starred
			</Item>
			<p className="hidden px-3 pt-5 pb-1 text-[13px] text-ink-faint lg:block">Boards</p>
			{boards.map(({ id, name, pictures }) => (
				<Item key={id} to={address({ q, view: id })} isCurrent={board === id} count={pictures}>
					{name}
				</Item>
			))}
			<div className="hidden px-1 pt-3 lg:block">
				<NewBoard onMade={(made) => onMade(made.id)} />
			</div>
		</nav>
	);
}

function address(search: { q: string; view?: string }): string {
	const params = new URLSearchParams({ ...(search.q !== "" && { q: search.q }), ...(search.view && { view: search.view }) });
	return params.size > 0 ? `/gallery?${params}` : "/gallery";
}

interface ItemProps {
	to: string;
	isCurrent: boolean;
	icon?: ReactNode;
	count?: number;
	children: ReactNode;
}

function Item({ to, isCurrent, icon, count, children }: ItemProps) {
	return (
		<Link
			to={to}
			aria-current={isCurrent ? "page" : undefined}
			className="flex min-h-10 shrink-0 items-center gap-2.5 rounded-lg px-3 text-sm text-ink-soft hover:bg-raised hover:text-ink aria-[current=page]:bg-ember-wash aria-[current=page]:text-ember-ink max-lg:border max-lg:border-line"
		>
			{icon}
			<span className="truncate max-lg:max-w-40">{children}</span>
			{count !== undefined && <span className="ml-auto pl-2 font-mono text-xs tabular-nums">{count}</span>}
		</Link>
	);
}
