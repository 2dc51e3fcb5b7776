import type { CreateWebhook, Webhook } from "@glassworks/sdk";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { SecretOnce } from "./SecretOnce.tsx";

/** What can be told of, by group. */
const events = [
	{ value: "job.*", label: "Jobs", note: "started, succeeded, partly failed, failed, cancelled" },
	{ value: "batch.*", label: "Batches", note: "accepted, started, paused, completed, cancelled" },
	{ value: "quota.*", label: "Quota", note: "80 % and all of the month's quota drawn" },
];

/** Makes a webhook, or changes one. */
export function WebhookForm({ webhook, onClose }: { webhook?: Webhook; onClose(): void }) {
	const queries = useQueryClient();
	const [url, setUrl] = useState(webhook?.url ?? "");
	const [description, setDescription] = useState(webhook?.description ?? "");
	const [chosen, setChosen] = useState<readonly string[]>(webhook?.events ?? ["*"]);
	const save = useMutation({
		mutationFn: async (): Promise<string | null> => {
			const fields = { url: url.trim(), description: description.trim(), events: chosen as NonNullable<CreateWebhook["events"]> };
			if (!webhook) return (await api.webhooks.create(fields)).secret;
			await api.webhooks.change(webhook.id, fields);
			return null;
		},
		onSuccess: (secret) => {
			void queries.invalidateQueries({ queryKey: ["webhooks"] });
			if (secret === null) onClose();
		},
	});
	if (typeof save.data === "string") return <Made secret={save.data} onClose={onClose} />;
	return (
		<Dialog title={webhook ? "Change the webhook" : "New webhook"} onClose={onClose} className="max-w-xl">
			<form
				aria-label="Webhook"
				className="grid gap-4"
				onSubmit={(event) => {
					event.preventDefault();
					if (!save.isPending) save.mutate();
				}}
			>
				<TextField
					label="Address"
					type="url"
					required
					placeholder="https://example.com/glassworks"
					value={url}
					onChange={(event) => setUrl(event.target.value)}
					hint="It is sent signed POST requests, and answers with 2xx within a few seconds."
				/>
				<TextField label="Description" maxLength={500} value={description} onChange={(event) => setDescription(event.target.value)} />
				<EventChoice chosen={chosen} onChange={setChosen} />
				<ErrorNotice error={save.error} />
				<div className="flex justify-end gap-2">
					<Button onClick={onClose}>Not now</Button>
					<button
						type="submit"
						disabled={save.isPending || chosen.length === 0}
						className="molten min-h-10 rounded-lg px-4 text-sm font-semibold disabled:opacity-60"
					>
						{webhook ? "Save" : "Make the webhook"}
					</button>
				</div>
			</form>
		</Dialog>
	);
}

function Made({ secret, onClose }: { secret: string; onClose(): void }) {
	return (
		<Dialog title="Webhook made" onClose={onClose} className="max-w-xl">
			<SecretOnce label="Its signing secret" secret={secret}>
				Your receiver checks with it that a message is from here. You find it again on the webhook's page.
			</SecretOnce>
			<div className="flex justify-end">
				<Button onClick={onClose}>Done</Button>
			</div>
		</Dialog>
	);
}

function EventChoice({ chosen, onChange }: { chosen: readonly string[]; onChange(chosen: readonly string[]): void }) {
	const isAll = chosen.includes("*");
	// Single types were chosen through the API: they stay unless they are switched off here.
	const single = chosen.filter((value) => value !== "*" && !events.some((group) => group.value === value));
	const choices = [...events, ...single.map((value) => ({ value, label: value, note: "" }))];
	return (
		<fieldset className="grid gap-1">
			<legend className="mb-1 text-sm font-medium">Told of</legend>
			<Check label="Everything" note="what is added later too" isOn={isAll} onChange={(isOn) => onChange(isOn ? ["*"] : ["job.*"])} />
			{!isAll &&
				choices.map(({ value, label, note }) => (
					<Check
						key={value}
						label={label}
						note={note}
						isOn={chosen.includes(value)}
						onChange={(isOn) => onChange(isOn ? [...chosen, value] : chosen.filter((other) => other !== value))}
					/>
				))}
		</fieldset>
	);
}

function Check({ label, note, isOn, onChange }: { label: string; note: string; isOn: boolean; onChange(isOn: boolean): void }) {
	return (
		<label className="flex min-h-10 cursor-pointer items-center gap-3 text-sm">
			<input
				type="checkbox"
				className="size-4 shrink-0 accent-(--ember)"
				checked={isOn}
				onChange={({ target }) => onChange(target.checked)}
			/>
			<span>
				<span className="font-medium">{label}</span> <span className="text-ink-soft">{note}</span>
			</span>
		</label>
	);
}
