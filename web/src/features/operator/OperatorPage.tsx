import { NavLink, Route, Routes } from "react-router";
import { PageHead } from "../../ui/PageHead.tsx";
import { AccountsView } from "./AccountsView.tsx";
import { AccountView } from "./AccountView.tsx";
import { AuditView } from "./AuditView.tsx";
import { BooksView } from "./BooksView.tsx";
import { EnginesView } from "./EnginesView.tsx";
import { MachinesView } from "./MachinesView.tsx";
import { ModelsView } from "./ModelsView.tsx";
import { StorageView } from "./StorageView.tsx";

const views = [
	["", "Machines"],
	["engines", "Engines"],
	["models", "Models"],
	["accounts", "Accounts"],
	["books", "Books"],
	["storage", "Storage"],
	["audit", "Audit log"],
] as const;

/** For who runs the server. */
export function OperatorPage() {
	return (
		<div className="mx-auto grid w-full max-w-7xl min-w-0 content-start gap-8 p-4 lg:p-8">
			<PageHead title="Operator" />
			<nav aria-label="Operator" className="-mx-4 -mt-3 flex gap-x-5 overflow-x-auto border-b border-line px-4 lg:mx-0 lg:px-0">
				{views.map(([path, label]) => (
					<NavLink
						key={path}
						to={`/operator/${path}`}
						end={path === ""}
						className="-mb-px inline-flex min-h-10 shrink-0 items-center -outline-offset-2 border-b-2 border-transparent text-sm font-medium text-ink-soft hover:text-ink aria-[current=page]:border-ember aria-[current=page]:text-ink"
					>
						{label}
					</NavLink>
				))}
			</nav>
			<Routes>
				<Route index element={<MachinesView />} />
				<Route path="engines" element={<EnginesView />} />
				<Route path="models" element={<ModelsView />} />
				<Route path="accounts" element={<AccountsView />} />
				<Route path="accounts/:id" element={<AccountView />} />
				<Route path="books" element={<BooksView />} />
				<Route path="storage" element={<StorageView />} />
				<Route path="audit" element={<AuditView />} />
			</Routes>
		</div>
	);
}
