import { Route, Routes } from "react-router";
import { NotFoundPage } from "../../app/NotFoundPage.tsx";
import { ImportWorkflow } from "./ImportWorkflow.tsx";
import { WorkflowList } from "./WorkflowList.tsx";
import { WorkflowView } from "./WorkflowView.tsx";

export function WorkflowsPage() {
	return (
		<div className="mx-auto grid w-full max-w-7xl min-w-0 content-start gap-6 p-4 sm:p-6 lg:py-8">
			<Routes>
				<Route index element={<WorkflowList />} />
				<Route path="import" element={<ImportWorkflow />} />
				<Route path=":slug" element={<WorkflowView />} />
				<Route path="*" element={<NotFoundPage />} />
			</Routes>
		</div>
	);
}
