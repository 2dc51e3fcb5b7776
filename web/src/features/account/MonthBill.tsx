import type { UsageRow } from "@glassworks/sdk";
import { api } from "../../api.ts";
import { usePagedList } from "../../app/usePagedList.ts";
import { money } from "../../format/money.ts";
import { DataTable } from "../../ui/DataTable.tsx";
import { ListStatus } from "../../ui/ListStatus.tsx";
import { MoreButton } from "../../ui/MoreButton.tsx";
import { Section } from "../../ui/Section.tsx";
import { stepName } from "../jobs/inWords.ts";

/** This month's bill, a line for each model and step. */
export function MonthBill() {
	const bill = usePagedList(["usage", "month"], (page) =>
		api.usage.list({ groupBy: ["model", "step"], from: firstOfMonth(), limit: 50, ...page }),
	);
	const total = bill.data?.pages[0]?.total;
	return (
		<Section title="Bill of this month" note={total && `${money(total.charged_micro_usd)} charged to credit so far`}>
			<ListStatus query={bill} />
			{bill.data && (
				<DataTable
					caption="Bill of this month"
					rows={bill.rows.filter(({ step }) => step !== null)}
					rowKey={({ model, step }) => `${model} ${step}`}
					empty="Nothing ran this month. Each step that does gets a line here; what fails or is skipped is not charged."
					columns={[
						{ head: "Step", cell: ({ step }) => stepName(step ?? "") },
						{ head: "Model", cell: ({ model }) => model },
						{ head: "Ran", isFigure: true, cell: ({ steps }) => steps },
						{ head: "Not charged", isFigure: true, cell: ({ steps_failed: failed, steps_skipped: skipped }) => failed + skipped || "–" },
						{ head: "From the plan", isFigure: true, cell: fromPlan },
						{ head: "Charged", isFigure: true, cell: ({ charged_micro_usd: charged }) => (charged === 0 ? "–" : money(charged)) },
					]}
				/>
			)}
			<MoreButton list={bill} />
		</Section>
	);
}

const fromPlan = ({ quota }: UsageRow) => Object.values(quota).reduce((sum, count) => sum + (count ?? 0), 0) || "–";

/** Months are of UTC, as the plan's quota is. */
const firstOfMonth = () => `${new Date().toISOString().slice(0, 7)}-01`;
