import { QueryClientProvider } from "@tanstack/react-query";
import { BrowserRouter, Route, Routes } from "react-router";
import { CreatePage } from "../features/create/CreatePage.tsx";
import { SessionGate } from "../features/session/SessionGate.tsx";
import { Boundary } from "./Boundary.tsx";
import { NotFoundPage } from "./NotFoundPage.tsx";
import { queryClient } from "./queryClient.ts";
import { Shell } from "./Shell.tsx";

export function App() {
	return (
		<Boundary>
			<QueryClientProvider client={queryClient}>
				<BrowserRouter>
					<SessionGate>
						<Routes>
							<Route element={<Shell />}>
								<Route index element={<CreatePage />} />
								<Route path="*" element={<NotFoundPage />} />
							</Route>
						</Routes>
					</SessionGate>
				</BrowserRouter>
			</QueryClientProvider>
		</Boundary>
	);
}
