import type { Account } from "@glassworks/sdk";

type Quota = Account["quotas"][number];

const units: Record<Quota["unit"], string> = {
	image: "Pictures this month",
	inpainting: "Repaintings this month",
	training: "LoRA trainings this month",
};

/** What of the month is used, what is held for jobs in progress, and what is left. */
export function QuotaBar({ quota: { unit, limit, used, held, left, resets_at: resets } }: { quota: Quota }) {
	const name = units[unit];
	const again = new Date(resets).toLocaleDateString(undefined, { day: "numeric", month: "long", timeZone: "UTC" });
	if (limit === null || used === null)
		return (
			<div className="flex justify-between gap-4 text-sm">
				<p className="font-medium">{name}</p>
				<p className="text-ink-soft">no limit</p>
			</div>
		);
	const share = (count: number) => `${Math.min(100, (count / Math.max(1, limit)) * 100)}%`;
	return (
		<div className="grid gap-1.5 text-sm">
			<p className="flex justify-between gap-4">
				<span className="font-medium">{name}</span>
				<span className="tabular-nums">
					{used} of {limit}
					{held ? `, ${held} held` : ""}
				</span>
			</p>
			<div aria-hidden="true" className="flex h-2 overflow-hidden rounded-full bg-line">
				<span className={left === 0 ? "bg-alarm-ink" : "bg-cool"} style={{ width: share(used) }} />
				<span className="bg-ember" style={{ width: share(held ?? 0) }} />
			</div>
			<p className="text-[13px] text-ink-soft">
				{left === 0 ? "Used up: more is paid from credit. " : `${left} left. `}
				Starts anew on {again}.
			</p>
		</div>
	);
}
