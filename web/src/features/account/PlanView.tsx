import type { Account } from "@glassworks/sdk";
import type { ReactNode } from "react";
import { duration } from "../../format/duration.ts";
import { money } from "../../format/money.ts";
import { Section } from "../../ui/Section.tsx";
import { QuotaBar } from "./QuotaBar.tsx";

export function PlanView({ account }: { account: Account }) {
	const { plan_title: title, plan_price_micro_usd: price, credit_micro_usd: credit, held_micro_usd: held, limits } = account;
	return (
		<Section title="Plan">
			<div className="grid gap-x-10 gap-y-8 border-t border-line pt-5 md:grid-cols-[minmax(12rem,1fr)_2fr]">
				<div className="grid content-start gap-5">
					<div>
						<p className="text-3xl font-semibold tracking-tight">{title}</p>
						<p className="text-ink-soft">{price === null ? "by agreement" : price === 0 ? "costs nothing" : `${money(price)} a month`}</p>
					</div>
					<div>
						<p className="text-[13px] text-ink-soft">Credit</p>
						<p className="text-2xl font-semibold tracking-tight tabular-nums">{limits.free ? "not needed" : dollars(credit)}</p>
						{held > 0 && <p className="text-[13px] text-ink-soft">{money(held)} more is held for what is being made</p>}
					</div>
				</div>
				<div className="grid content-start gap-6">
					{account.quotas.map((quota) => (
						<QuotaBar key={quota.unit} quota={quota} />
					))}
					<dl className="grid gap-x-8 gap-y-2 text-sm sm:grid-cols-2">
						{limitRows(account).map(([term, value]) => (
							<div key={term} className="flex justify-between gap-4 border-b border-line pb-2">
								<dt className="text-ink-soft">{term}</dt>
								<dd className="text-right tabular-nums">{value}</dd>
							</div>
						))}
					</dl>
				</div>
			</div>
		</Section>
	);
}

/** An amount of money: nothing is not free here. */
const dollars = (microUsd: number) => (microUsd === 0 ? "$0.00" : money(microUsd));

function limitRows({ limits, promises }: Account): [string, ReactNode][] {
	const rate = (per: Account["limits"]["rate"]) => (per ? `${per.requests} a ${per.per}` : "no limit");
	return [
		["Largest side", limits.max_side === null ? "the model's own" : `${limits.max_side} px`],
		["Most steps", limits.max_steps ?? "the model's own"],
		["Pictures at once", limits.running_at_once ?? "as many as there are workers"],
		["Models", limits.models === null ? "all" : limits.models.join(", ")],
		["Face restoration", limits.face_restoration ? "yes" : "no"],
		["Upscale 4x", limits.upscale ? "yes" : "no"],
		["Requests for pictures", rate(limits.rate)],
		["LoRA trainings a month", limits.trainings_per_month ?? "no limit"],
		["Promised wait", promises.wait_ms === null ? "none" : `at most ${duration(promises.wait_ms)}`],
	];
}
