import { type ComponentType, lazy, type ReactNode } from "react";
import { CreatePage } from "../features/create/CreatePage.tsx";
import { Brackets, Gallery, Gauge, Hourglass, Nodes, Person, Spark, Stack, Wand } from "../ui/icons.tsx";

export interface Page {
	/** Without the leading slash; below it the page has its own routes. */
	path: string;
	label: string;
	icon: ReactNode;
	Component: ComponentType;
	/** `main`: in the bar; `account`: in the account's menu. */
	place: "main" | "account";
	/** Scope of the session that shows it. */
	scope?: "read" | "generate" | "manage" | "operate";
}

/** Code that is fetched when its page is opened: `later(async () => (await import("...")).GalleryPage)`. */
export const later = (load: () => Promise<ComponentType>): ComponentType => lazy(async () => ({ default: await load() }));

/** In the order they are shown in. */
export const pages: readonly Page[] = [
	{ path: "", label: "Create", icon: <Spark />, Component: CreatePage, place: "main" },
	{
		...{ path: "gallery", label: "Gallery", icon: <Gallery />, place: "main" },
		Component: later(async () => (await import("../features/gallery/GalleryPage.tsx")).GalleryPage),
	},
	{
		path: "edit",
		label: "Edit",
		icon: <Wand />,
		Component: later(async () => (await import("../features/edit/EditPage.tsx")).EditPage),
		place: "main",
		scope: "generate",
	},
	{
		path: "queue",
		label: "Queue",
		icon: <Hourglass />,
		place: "main",
		Component: later(async () => (await import("../features/queue/QueuePage.tsx")).QueuePage),
	},
	{
		path: "batches",
		label: "Batches",
		icon: <Stack />,
		place: "main",
		Component: later(async () => (await import("../features/batches/BatchesPage.tsx")).BatchesPage),
	},
	{
		path: "workflows",
		label: "Workflows",
		icon: <Nodes />,
		place: "main",
		Component: later(async () => (await import("../features/workflows/WorkflowsPage.tsx")).WorkflowsPage),
	},
	{
		path: "developers",
		label: "Developers",
		icon: <Brackets />,
		place: "account",
		Component: later(async () => (await import("../features/developers/DevelopersPage.tsx")).DevelopersPage),
	},
	{
		path: "account",
		label: "Account",
		icon: <Person />,
		place: "account",
		Component: later(async () => (await import("../features/account/AccountPage.tsx")).AccountPage),
	},
	{
		path: "operator",
		label: "Operator",
		icon: <Gauge />,
		place: "account",
		scope: "operate",
		Component: later(async () => (await import("../features/operator/OperatorPage.tsx")).OperatorPage),
	},
];

/** Seen without a session, by their path. */
export const openPages: Readonly<Record<string, ComponentType>> = {
	status: later(async () => (await import("../features/status/StatusPage.tsx")).StatusPage),
	"sign-up": later(async () => (await import("../features/session/SignUpPage.tsx")).SignUpPage),
	forgot: later(async () => (await import("../features/session/ForgotPage.tsx")).ForgotPage),
	verify: later(async () => (await import("../features/session/VerifyPage.tsx")).VerifyPage),
	reset: later(async () => (await import("../features/session/ResetPage.tsx")).ResetPage),
	join: later(async () => (await import("../features/session/JoinPage.tsx")).JoinPage),
};
