import { Route, Routes } from "react-router";
import { NotFoundPage } from "../../app/NotFoundPage.tsx";
import { BatchList } from "./BatchList.tsx";
import { BatchView } from "./BatchView.tsx";
import { NewBatch } from "./NewBatch.tsx";

export function BatchesPage() {
	return (
		<div className="mx-auto grid w-full max-w-7xl min-w-0 content-start gap-6 p-4 sm:p-6 lg:py-8">
			<Routes>
				<Route index element={<BatchList />} />
				<Route path="new" element={<NewBatch />} />
				<Route path=":id" element={<BatchView />} />
				<Route path="*" element={<NotFoundPage />} />
			</Routes>
		</div>
	);
}
