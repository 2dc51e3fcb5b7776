import type { Session } from "@glassworks/sdk";
import { useId, useRef } from "react";
import { Link, NavLink } from "react-router";
import { SignOutButton } from "../features/session/SignOutButton.tsx";
import { useSession } from "../features/session/useSession.ts";
import { Keyboard, Person, Pulse } from "../ui/icons.tsx";
import { usePages } from "./usePages.ts";

/** Who is signed in, the pages beyond the pictures, and the way out. The browser's own popover: Escape and a click elsewhere close it. */
export function AccountMenu({ onShortcuts }: { onShortcuts(): void }) {
	const id = useId();
	const popover = useRef<HTMLDivElement>(null);
	const { data: session } = useSession();
	const pages = usePages("account");
	return (
		<>
			<button
				type="button"
				popoverTarget={id}
				aria-label="Account"
				title="Account"
				className="grid size-10 shrink-0 place-items-center rounded-lg text-ink-soft hover:bg-raised hover:text-ink"
			>
				<Person />
			</button>
			<div
				ref={popover}
				id={id}
				popover="auto"
				className="inset-[3.75rem_1rem_auto_auto] m-0 w-64 rounded-xl border border-line bg-raised p-1.5 text-ink shadow-(--shadow)"
			>
				{session && <Who session={session} />}
				<nav aria-label="Account" className="grid">
					{pages.map(({ path, label, icon }) => (
						<NavLink
							key={path}
							to={`/${path}`}
							onClick={() => popover.current?.hidePopover()}
							className="flex min-h-10 items-center gap-2.5 rounded-lg px-3 text-sm hover:bg-sunken aria-[current=page]:text-ember-ink"
						>
							{icon}
							{label}
						</NavLink>
					))}
					<Link to="/status" className="flex min-h-10 items-center gap-2.5 rounded-lg px-3 text-sm hover:bg-sunken">
						<Pulse />
						Status
					</Link>
				</nav>
				<button
					type="button"
					className="flex min-h-10 w-full items-center gap-2.5 rounded-lg px-3 text-sm hover:bg-sunken"
					onClick={() => {
						popover.current?.hidePopover();
						onShortcuts();
					}}
				>
					<Keyboard />
					Keyboard shortcuts
					<kbd className="ml-auto font-mono text-xs text-ink-faint">?</kbd>
				</button>
				<SignOutButton />
			</div>
		</>
	);
}

function Who({ session: { person, plan } }: { session: Session }) {
	return (
		<p className="grid px-3 py-2 text-sm">
			<span className="truncate font-medium">{person?.name ?? "Signed in with a key"}</span>
			<span className="truncate text-[13px] text-ink-soft">{person ? `${person.email}, ${person.role}` : `${plan} plan`}</span>
		</p>
	);
}
