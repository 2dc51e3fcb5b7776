import type { OffPeak } from "@glassworks/sdk";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { moment } from "../../format/moment.ts";
import { Chips } from "../../ui/Chips.tsx";
import { NumberField } from "../../ui/NumberField.tsx";
import { Switch } from "../../ui/Switch.tsx";
import { TextField } from "../../ui/TextField.tsx";
import type { BatchDraft } from "./batchDraft.ts";

interface Props {
	draft: BatchDraft;
	onChange(changes: Partial<BatchDraft>): void;
}

/** When it starts, what it may cost, and what it is called. */
export function SchedulePicker({ draft, onChange }: Props) {
	const offPeak = useQuery({ queryKey: ["off-peak"], queryFn: ({ signal }) => api.batches.offPeak({ signal }), staleTime: 60_000 });
	const choices = [
		{ value: "now" as const, label: "Now" },
		// A server without such times has no such choice.
		...(offPeak.data || draft.when === "off_peak" ? [{ value: "off_peak" as const, label: "Off-peak" }] : []),
		{ value: "at" as const, label: "At a time" },
	];
	return (
		<section aria-labelledby="when" className="grid gap-4">
			<h2 id="when" className="text-base font-semibold">
				When and within what
			</h2>
			<div className="grid gap-4 sm:grid-cols-2">
				<div className="grid content-start gap-2">
					<Chips legend="Start" choices={choices} value={draft.when} onChange={(when) => onChange({ when, at: draft.at || inAnHour() })} />
					{draft.when === "off_peak" && offPeak.data && <p className="text-[13px] text-ink-soft">{windowsInWords(offPeak.data)}</p>}
					{draft.when === "at" && (
						<TextField
							label="Not before"
							type="datetime-local"
							required
							value={draft.at}
							onChange={(event) => onChange({ at: event.target.value })}
							hint={`By this device's clock (${Intl.DateTimeFormat().resolvedOptions().timeZone}).`}
						/>
					)}
				</div>
				<div className="grid content-start gap-1.5">
					<NumberField
						label="Budget in dollars"
						value={draft.budget}
						onChange={(budget) => onChange({ budget })}
						min={0}
						max={1_000_000}
						step={0.01}
						placeholder="no limit"
					/>
					<p className="text-[13px] leading-snug text-ink-faint">It pauses before the item that would cost more.</p>
				</div>
				<TextField
					label="Name"
					value={draft.name}
					onChange={(event) => onChange({ name: event.target.value })}
					maxLength={200}
					hint="For you; the ZIP is called so too."
				/>
				<Switch
					label="In random order"
					note="An early look at all of it, instead of its beginning."
					checked={draft.shuffled}
					onChange={(shuffled) => onChange({ shuffled })}
				/>
			</div>
		</section>
	);
}

function windowsInWords({ windows, time_zone: zone, open, next }: OffPeak): string {
	const times = windows.map(({ days, from, to }) => `${days.length === 7 ? "" : `${days.join(", ")} `}${from} to ${to}`).join("; ");
	return `${times} (${zone}). ${open ? "It is off-peak now." : next ? `Next: ${moment(next)}.` : ""}`;
}

/** As a date field writes it. */
function inAnHour(): string {
	const date = new Date(Date.now() + 3_600_000);
	const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
	return local.toISOString().slice(0, 16);
}
