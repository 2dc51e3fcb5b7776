import { QueryClientProvider } from "@tanstack/react-query";
import { BrowserRouter, Route, Routes } from "react-router";
import { SessionGate } from "../features/session/SessionGate.tsx";
import { Boundary } from "./Boundary.tsx";
import { NotFoundPage } from "./NotFoundPage.tsx";
import { openPages, pages } from "./pages.tsx";
import { queryClient } from "./queryClient.ts";
import { Shell } from "./Shell.tsx";

export function App() {
	return (
		<Boundary>
			<QueryClientProvider client={queryClient}>
				<BrowserRouter>
					<Routes>
						{Object.entries(openPages).map(([path, Component]) => (
							<Route key={path} path={path} element={<Component />} />
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
