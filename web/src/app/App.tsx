import { QueryClientProvider } from "@tanstack/react-query";
import { type ComponentType, Suspense } from "react";
import { BrowserRouter, Route, Routes } from "react-router";
import { SessionGate } from "../features/session/SessionGate.tsx";
import { Boundary } from "./Boundary.tsx";
import { NotFoundPage } from "./NotFoundPage.tsx";
import { openPages, pages } from "./pages.tsx";
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
							{pages.map(({ path, Component }) => (
								<Route key={path} path={path === "" ? path : `${path}/*`} index={path === ""} element={<Component />} />
							))}
							<Route path="*" element={<NotFoundPage />} />
						</Route>
					</Routes>
				</BrowserRouter>
			</QueryClientProvider>
		</Boundary>
	);
}
