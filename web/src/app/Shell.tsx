import { NavLink, Outlet } from "react-router";
import { QueuePill } from "../features/queue/QueuePill.tsx";
import { AccountButton } from "../features/session/AccountButton.tsx";
import { IconButton } from "../ui/IconButton.tsx";
import { Moon, Sun } from "../ui/icons.tsx";
import { useTheme } from "./useTheme.ts";
import { Wordmark } from "./Wordmark.tsx";

export function Shell() {
	const [theme, setTheme] = useTheme();
	return (
		<div className="flex min-h-dvh flex-col">
			<a
				href="#main"
				className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded-md focus:bg-raised focus:px-3 focus:py-2"
			>
				Skip to the page
			</a>
			<header className="sticky top-0 z-20 flex h-14 items-center gap-3 border-b border-line bg-canvas/95 px-4 backdrop-blur sm:gap-6 lg:px-6">
				<Wordmark />
				<nav aria-label="Pages" className="hidden sm:block">
					<NavLink
						to="/"
						end
						className="border-b-2 border-transparent px-1 py-[17px] text-sm font-medium text-ink-soft aria-[current=page]:border-ember aria-[current=page]:text-ink"
					>
						Create
					</NavLink>
				</nav>
				<div className="ml-auto flex items-center gap-1.5 sm:gap-3">
					<QueuePill />
					<IconButton
						label={theme === "dark" ? "Switch to the light theme" : "Switch to the dark theme"}
						onClick={() => setTheme(theme === "dark" ? "light" : "dark")}
					>
						{theme === "dark" ? <Sun /> : <Moon />}
					</IconButton>
					<AccountButton />
				</div>
			</header>
			<main id="main" className="flex flex-1 flex-col">
				<Outlet />
			</main>
		</div>
	);
}
