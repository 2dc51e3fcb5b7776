import { lazy, Suspense, useEffect, useState } from "react";
import { Outlet } from "react-router";
import { Announcer } from "../features/jobs/Announcer.tsx";
import { QueuePill } from "../features/queue/QueuePill.tsx";
import { IconButton } from "../ui/IconButton.tsx";
import { Moon, Sun } from "../ui/icons.tsx";
import { AccountMenu } from "./AccountMenu.tsx";
import { PageBar, PageTabs } from "./PageLinks.tsx";
import { isTyping } from "./shortcuts.ts";
import { useTheme } from "./useTheme.ts";
import { Wordmark } from "./Wordmark.tsx";

const ShortcutSheet = lazy(async () => ({ default: (await import("./ShortcutSheet.tsx")).ShortcutSheet }));

/** What every page has around it: the pages, the queue, the account; on a phone the pages are at the bottom, under the thumb. */
export function Shell() {
	const [theme, setTheme] = useTheme();
	const [isSheetOpen, setSheetOpen] = useState(false);
	useEffect(() => {
		const onKey = (event: KeyboardEvent) => {
			if (event.key === "?" && !event.ctrlKey && !event.metaKey && !isTyping(event.target)) setSheetOpen(true);
		};
		window.addEventListener("keydown", onKey);
		return () => window.removeEventListener("keydown", onKey);
	}, []);
	return (
		<div className="flex min-h-dvh flex-col pb-(--tabs) [--tabs:3.75rem] lg:[--tabs:0px]">
			<a
				href="#main"
				className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded-md focus:bg-raised focus:px-3 focus:py-2"
			>
				Skip to the page
			</a>
			<header className="sticky top-0 z-20 flex h-14 items-center gap-3 border-b border-line bg-canvas/95 px-4 backdrop-blur sm:gap-6 lg:px-6">
				<Wordmark />
				<PageBar />
				<div className="ml-auto flex items-center gap-1.5 sm:gap-3">
					<QueuePill />
					<IconButton
						label={theme === "dark" ? "Switch to the light theme" : "Switch to the dark theme"}
						onClick={() => setTheme(theme === "dark" ? "light" : "dark")}
					>
						{theme === "dark" ? <Sun /> : <Moon />}
					</IconButton>
					<AccountMenu onShortcuts={() => setSheetOpen(true)} />
				</div>
			</header>
			<main id="main" className="flex flex-1 flex-col">
				<Suspense fallback={<p className="sr-only">Loading</p>}>
					<Outlet />
				</Suspense>
			</main>
			<PageTabs />
			<Announcer />
			{isSheetOpen && (
				<Suspense>
					<ShortcutSheet onClose={() => setSheetOpen(false)} />
				</Suspense>
			)}
		</div>
	);
}
