import { NavLink } from "react-router";
import { usePages } from "./usePages.ts";

/** The main pages across the header of a wide window. */
export function PageBar() {
	return (
		<nav aria-label="Pages" className="hidden self-stretch lg:flex lg:gap-5">
			{usePages("main").map(({ path, label }) => (
				<NavLink
					key={path}
					to={`/${path}`}
					end={path === ""}
					className="flex items-center border-y-2 border-transparent px-1 text-sm font-medium text-ink-soft hover:text-ink aria-[current=page]:border-b-ember aria-[current=page]:text-ink"
				>
					{label}
				</NavLink>
			))}
		</nav>
	);
}

/** The same at the bottom of a narrow one. */
export function PageTabs() {
	return (
		<nav
			aria-label="Pages"
			className="fixed inset-x-0 bottom-0 z-20 flex h-(--tabs) border-t border-line bg-canvas/95 pb-[env(safe-area-inset-bottom)] backdrop-blur lg:hidden"
		>
			{usePages("main").map(({ path, label, icon }) => (
				<NavLink
					key={path}
					to={`/${path}`}
					end={path === ""}
					className="grid min-w-0 flex-1 content-center justify-items-center gap-0.5 text-[11px] max-[26rem]:text-[10px] font-medium text-ink-soft -outline-offset-2 aria-[current=page]:text-ember-ink"
				>
					{icon}
					{label}
				</NavLink>
			))}
		</nav>
	);
}
