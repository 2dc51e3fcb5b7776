import { QueryClientProvider } from "@tanstack/react-query";
import { type ComponentType, Suspense } from "react";
import { BrowserRouter, Route, Routes } from "react-router";
import { SessionGate } from "../features/session/SessionGate.tsx";
import { useSession } from "../features/session/useSession.ts";
import { Boundary } from "./Boundary.tsx";
import { NotFoundPage } from "./NotFoundPage.tsx";
import { openPages, type Page, pages } from "./pages.tsx";
import { queryClient } from "./queryClient.ts";
import { Shell } from "./Shell.tsx";

/** An open page, while its part of the code comes. */
function Opening({ Component }: { Component: ComponentType }) {
	return (
		<Suspense fallback={<p className="sr-only">Loading</p>}>
			<Component />
		</Suspense>
	);
}

/** A page that this session may not see is none. */
function Allowed({ page: { scope, Component } }: { page: Page }) {
	const scopes = useSession().data?.scopes ?? [];
	return scope === undefined || scopes.includes(scope) ? <Component /> : <NotFoundPage />;
}

export function App() {
	return (
		<Boundary>
			<QueryClientProvider client={queryClient}>
				<BrowserRouter>
					<Routes>
						{Object.entries(openPages).map(([path, Component]) => (
							<Route key={path} path={path} element={<Opening Component={Component} />} />
						))}
						<Route
							element={
								<SessionGate>
									<Shell />
								</SessionGate>
							}
						>
							{pages.map((page) => (
								<Route
									key={page.path}
									path={page.path === "" ? page.path : `${page.path}/*`}
									index={page.path === ""}
									element={<Allowed page={page} />}
								/>
							))}
							<Route path="*" element={<NotFoundPage />} />
						</Route>
					</Routes>
				</BrowserRouter>
			</QueryClientProvider>
		</Boundary>
	);
}
