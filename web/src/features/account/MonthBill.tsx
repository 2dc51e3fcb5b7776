import type { UsageRow } from "@glassworks/sdk";
import { useInfiniteQuery } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { money } from "../../format/money.ts";
import { Button } from "../../ui/Button.tsx";
import { DataTable } from "../../ui/DataTable.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Section } from "../../ui/Section.tsx";
import { stepName } from "../jobs/inWords.ts";

/** This month's bill, a line for each model and step. */
export function MonthBill() {
	const bill = useInfiniteQuery({
		queryKey: ["usage", "month"],
		queryFn: ({ pageParam, signal }) =>
			api.usage.list({ groupBy: ["model", "step"], from: firstOfMonth(), limit: 50, ...(pageParam && { before: pageParam }), signal }),
		initialPageParam: "",
		getNextPageParam: (page) => page.next,
		staleTime: 30_000,
	});
	const total = bill.data?.pages[0]?.total;
	return (
		<Section title="Bill of this month" note={total && `${money(total.charged_micro_usd)} charged to credit so far`}>
			<ErrorNotice error={bill.error} action={<Button onClick={() => void bill.refetch()}>Try again</Button>} />
			{bill.data && (
				<DataTable
					caption="Bill of this month"
					rows={bill.data.pages.flatMap(({ data }) => data).filter(({ step }) => step !== null)}
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
			{bill.hasNextPage && (
				<Button className="justify-self-center" disabled={bill.isFetchingNextPage} onClick={() => void bill.fetchNextPage()}>
					Show more
				</Button>
			)}
		</Section>
	);
}

const fromPlan = ({ quota }: UsageRow) => Object.values(quota).reduce((sum, count) => sum + (count ?? 0), 0) || "–";

/** Months are of UTC, as the plan's quota is. */
const firstOfMonth = () => `${new Date().toISOString().slice(0, 7)}-01`;
