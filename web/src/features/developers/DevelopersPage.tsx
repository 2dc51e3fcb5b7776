import { Navigate, NavLink, Route, Routes } from "react-router";
import { NotFoundPage } from "../../app/NotFoundPage.tsx";
import { PageHead } from "../../ui/PageHead.tsx";
import { useSession } from "../session/useSession.ts";
import { KeysPart } from "./KeysPart.tsx";
import { UsagePart } from "./UsagePart.tsx";
import { WebhooksPart } from "./WebhooksPart.tsx";
import { WebhookView } from "./WebhookView.tsx";

/** Keys, webhooks, and what the account used. */
export function DevelopersPage() {
	const mayManage = useSession().data?.scopes.includes("manage") ?? false;
	const parts = [
		...(mayManage
			? [
					{ path: "keys", label: "API keys" },
					{ path: "webhooks", label: "Webhooks" },
				]
			: []),
		{ path: "usage", label: "Usage and cost" },
	];
	return (
		<div className="mx-auto grid w-full max-w-7xl min-w-0 content-start gap-6 p-4 sm:p-6 lg:py-8">
			<PageHead
				title="Developers"
				lead={
					<>
						Whatever this studio does, your program can do too: read the{" "}
						<a href="/docs" className="text-ember-ink underline underline-offset-4">
							API reference
						</a>{" "}
						or fetch{" "}
						<a href="/openapi.json" className="text-ember-ink underline underline-offset-4">
							openapi.json
						</a>
						.
					</>
				}
			/>
			<nav aria-label="Parts of this page" className="-mx-4 flex overflow-x-auto border-b border-line px-4 sm:mx-0 sm:px-0">
				{parts.map(({ path, label }) => (
					<NavLink
						key={path}
						to={`/developers/${path}`}
						className="-mb-px flex min-h-11 shrink-0 items-center border-b-2 border-transparent px-3.5 text-sm font-medium text-ink-soft -outline-offset-2 hover:text-ink aria-[current=page]:border-ember aria-[current=page]:text-ink"
					>
						{label}
					</NavLink>
				))}
			</nav>
			<Routes>
				<Route index element={<Navigate to={parts[0]?.path ?? "usage"} replace />} />
				{mayManage && (
					<>
						<Route path="keys" element={<KeysPart />} />
						<Route path="webhooks" element={<WebhooksPart />} />
						<Route path="webhooks/:id" element={<WebhookView />} />
					</>
				)}
				<Route path="usage" element={<UsagePart />} />
				<Route path="*" element={<NotFoundPage />} />
			</Routes>
		</div>
	);
}
