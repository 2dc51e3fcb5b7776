import type { CreatedApiKey } from "@glassworks/sdk";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api.ts";
import { useSend } from "../../app/useSend.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { useSession } from "../session/useSession.ts";
import { CapFields } from "./CapFields.tsx";
import { noCaps, type Scope, scopes, toKey } from "./keyDraft.ts";
import { SecretOnce } from "./SecretOnce.tsx";

/** Makes a key, and shows its secret this once. */
export function NewKey({ onClose }: { onClose(): void }) {
	const queries = useQueryClient();
	const [name, setName] = useState("");
	const [chosen, setChosen] = useState<readonly Scope[]>(["read", "generate"]);
	const [day, setDay] = useState("");
	const [caps, setCaps] = useState(noCaps);
	const create = useSend({
		mutationFn: () => api.keys.create(toKey(name.trim(), chosen, day, caps)),
		onSuccess: () => queries.invalidateQueries({ queryKey: ["keys"] }),
	});
	if (create.data) return <CreatedKey created={create.data} onClose={onClose} />;
	return (
		<Dialog title="New API key" onClose={onClose} className="max-w-xl">
			<form
				aria-label="New API key"
				className="grid gap-5"
				onSubmit={(event) => {
					event.preventDefault();
					if (!create.isPending) create.mutate();
				}}
			>
				<TextField
					label="Name"
					required
					maxLength={100}
					value={name}
					onChange={(event) => setName(event.target.value)}
					hint="What it is for, so that you know later what stops when you revoke it."
				/>
				<ScopeChoice chosen={chosen} onChange={setChosen} />
				<TextField
					label="Works until the end of"
					type="date"
					value={day}
					min={new Date().toISOString().slice(0, 10)}
					onChange={(event) => setDay(event.target.value)}
					hint="Left empty: until it is revoked."
				/>
				<CapFields caps={caps} onChange={setCaps} />
				<ErrorNotice error={create.error} />
				<div className="flex justify-end gap-2">
					<Button onClick={onClose}>Not now</Button>
					<button
						type="submit"
						disabled={create.isPending || chosen.length === 0}
						className="molten min-h-10 rounded-lg px-4 text-sm font-semibold disabled:opacity-60"
					>
						Make the key
					</button>
				</div>
			</form>
		</Dialog>
	);
}

/** What the key may, of what who makes it may. */
function ScopeChoice({ chosen, onChange }: { chosen: readonly Scope[]; onChange(chosen: readonly Scope[]): void }) {
	const own = useSession().data?.scopes ?? [];
	return (
		<fieldset className="grid gap-1">
			<legend className="mb-1 text-sm font-medium">It may</legend>
			{scopes
				.filter(({ value }) => own.includes(value))
				.map(({ value, label, note }) => (
					<label key={value} className="flex min-h-10 cursor-pointer items-center gap-3 text-sm">
						<input
							type="checkbox"
							className="size-4 shrink-0 accent-(--ember)"
							checked={chosen.includes(value)}
							onChange={({ target }) => onChange(target.checked ? [...chosen, value] : chosen.filter((other) => other !== value))}
						/>
						<span>
							<span className="font-medium">{label}</span> <span className="text-ink-soft">{note}</span>
						</span>
					</label>
				))}
		</fieldset>
	);
}

export function CreatedKey({ created, onClose }: { created: CreatedApiKey; onClose(): void }) {
	return (
		<Dialog title={created.key.name} onClose={onClose} className="max-w-xl">
			<SecretOnce label="Its secret" secret={created.secret}>
				Copy it now: it is shown this once and not kept anywhere. Whoever has it acts as this key.
			</SecretOnce>
			<div className="flex justify-end">
				<Button onClick={onClose}>I have it</Button>
			</div>
		</Dialog>
	);
}
