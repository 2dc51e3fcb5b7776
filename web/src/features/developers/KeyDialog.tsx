import type { ApiKey } from "@glassworks/sdk";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { SelectField } from "../../ui/SelectField.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { CapFields } from "./CapFields.tsx";
import { fromCaps, toCaps } from "./keyDraft.ts";
import { CreatedKey } from "./NewKey.tsx";

export type KeyDialogKind = "change" | "rotate" | "revoke";
interface OfKey {
	of: ApiKey;
	onClose(): void;
}

export function KeyDialog({ kind, ...rest }: OfKey & { kind: KeyDialogKind }) {
	const Kind = { change: ChangeKey, rotate: RotateKey, revoke: RevokeKey }[kind];
	return <Kind {...rest} />;
}

function useKeyChange<T>(act: () => Promise<T>, onDone: () => void = () => {}) {
	const queries = useQueryClient();
	return useMutation({
		mutationFn: act,
		onSuccess: () => {
			void queries.invalidateQueries({ queryKey: ["keys"] });
			onDone();
		},
	});
}

function ChangeKey({ of: key, onClose }: OfKey) {
	const [name, setName] = useState(key.name);
	const [caps, setCaps] = useState(() => fromCaps(key.caps));
	const change = useKeyChange(() => api.keys.change(key.id, { name: name.trim(), caps: toCaps(caps) }), onClose);
	return (
		<Dialog title={`Change ${key.name}`} onClose={onClose} className="max-w-xl">
			<form
				className="grid gap-5"
				onSubmit={(event) => {
					event.preventDefault();
					if (!change.isPending) change.mutate();
				}}
			>
				<TextField label="Name" required maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
				<CapFields caps={caps} onChange={setCaps} />
				<ErrorNotice error={change.error} />
				<Ways onClose={onClose} label="Save" isBusy={change.isPending} />
			</form>
		</Dialog>
	);
}

const overlaps = [
	{ value: "0", label: "Stop at once" },
	{ value: "3600", label: "Work for another hour" },
	{ value: "86400", label: "Work for another day" },
	{ value: "604800", label: "Work for another week" },
];

function RotateKey({ of: key, onClose }: OfKey) {
	const [overlap, setOverlap] = useState("86400");
	const rotate = useKeyChange(() => api.keys.rotate(key.id, { overlap_s: Number(overlap) }));
	if (rotate.data) return <CreatedKey created={rotate.data} onClose={onClose} />;
	return (
		<Dialog title={`A new secret for ${key.name}`} onClose={onClose}>
			<form
				className="grid gap-4"
				onSubmit={(event) => {
					event.preventDefault();
					if (!rotate.isPending) rotate.mutate();
				}}
			>
				<p className="text-ink-soft">It keeps its scopes, its caps and what is used of them.</p>
				<SelectField label="The old secret should" value={overlap} onChange={setOverlap} choices={overlaps} />
				<ErrorNotice error={rotate.error} />
				<Ways onClose={onClose} label="Make a new secret" isBusy={rotate.isPending} />
			</form>
		</Dialog>
	);
}

function RevokeKey({ of: key, onClose }: OfKey) {
	const revoke = useKeyChange(() => api.keys.revoke(key.id), onClose);
	return (
		<Dialog title={`Revoke ${key.name}?`} onClose={onClose}>
			<form
				className="grid gap-4"
				onSubmit={(event) => {
					event.preventDefault();
					if (!revoke.isPending) revoke.mutate();
				}}
			>
				<p className="text-ink-soft">Whatever uses it stops working at once, for good. Its pictures and usage stay.</p>
				<ErrorNotice error={revoke.error} />
				<Ways onClose={onClose} label="Revoke the key" isBusy={revoke.isPending} />
			</form>
		</Dialog>
	);
}

function Ways({ label, isBusy, onClose }: { label: string; isBusy: boolean; onClose(): void }) {
	return (
		<div className="flex justify-end gap-2">
			<Button onClick={onClose}>Not now</Button>
			<Button submit disabled={isBusy} className="border-ember-ink text-ember-ink">
				{label}
			</Button>
		</div>
	);
}
