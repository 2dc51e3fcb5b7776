import { useQuery } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { NumberField } from "../../ui/NumberField.tsx";
import type { CapDraft } from "./keyDraft.ts";

/** What a key may at most, below what the account may. */
export function CapFields({ caps, onChange }: { caps: CapDraft; onChange(caps: CapDraft): void }) {
	const models = useQuery({ queryKey: ["models"], queryFn: ({ signal }) => api.models.list({ signal }) });
	const set = (change: Partial<CapDraft>) => onChange({ ...caps, ...change });
	return (
		<fieldset className="grid gap-4 sm:grid-cols-2">
			<legend className="mb-3 text-sm font-medium">At most</legend>
			<NumberField
				label="Dollars of credit a month"
				value={caps.spend}
				onChange={(spend) => set({ spend })}
				min={0}
				max={1_000_000}
				step={0.01}
				placeholder="the account's"
			/>
			<NumberField
				label="Unfinished pictures at once"
				value={caps.unfinished}
				onChange={(unfinished) => set({ unfinished })}
				min={1}
				max={1_000_000}
				placeholder="the account's"
			/>
			<NumberField
				label="Side of a square, pixels"
				value={caps.side}
				onChange={(side) => set({ side })}
				min={64}
				max={30_000}
				placeholder="the plan's"
			/>
			<NumberField label="Steps" value={caps.steps} onChange={(steps) => set({ steps })} min={1} max={1_000} placeholder="the plan's" />
			<fieldset className="sm:col-span-2">
				<legend className="mb-1 text-sm font-medium text-ink-soft">Models{caps.models.length === 0 && ": any"}</legend>
				<div className="flex flex-wrap gap-x-5">
					{(models.data ?? []).map(({ name, title }) => (
						<label key={name} className="flex min-h-10 cursor-pointer items-center gap-2 text-sm">
							<input
								type="checkbox"
								className="size-4 shrink-0 accent-(--ember)"
								checked={caps.models.includes(name)}
								onChange={({ target }) =>
									set({ models: target.checked ? [...caps.models, name] : caps.models.filter((other) => other !== name) })
								}
							/>
							{title}
						</label>
					))}
				</div>
			</fieldset>
		</fieldset>
	);
}
