import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Form } from "../../ui/Form.tsx";
import { Section } from "../../ui/Section.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { fieldProblem } from "../session/fieldProblem.ts";
import { useEnter } from "../session/useEnter.ts";

/** The end of the account: asks for its name and one's password, and offers everything before. */
export function DeleteAccount() {
	const [isOpen, setOpen] = useState(false);
	return (
		<Section title="Delete the account">
			<p className="max-w-prose text-sm text-ink-soft">
				Pictures, prompts, uploads, workflows and batches are removed for good; keys and sessions end at once. Amounts in the books stay. It
				cannot be undone.
			</p>
			<div className="flex flex-wrap gap-3">
				<a
					href="/api/v1/export.zip"
					download
					className="inline-flex min-h-10 items-center rounded-lg border border-line-strong px-3 text-sm font-medium hover:bg-raised"
				>
					Take everything out (ZIP)
				</a>
				<Button className="border-alarm-ink text-alarm-ink" onClick={() => setOpen(true)}>
					Delete the account
				</Button>
			</div>
			{isOpen && (
				<Dialog title="Delete the account for good" onClose={() => setOpen(false)}>
					<DeleteForm />
				</Dialog>
			)}
		</Section>
	);
}

function DeleteForm() {
	const enter = useEnter();
	const list = useQuery({ queryKey: ["organisations"], queryFn: ({ signal }) => api.organisations.list({ signal }) });
	const name = list.data?.find(({ active }) => active)?.name;
	const remove = useMutation({
		mutationKey: ["session"],
		mutationFn: (confirmation: { confirm: string; password: string }) => api.account.delete(confirmation),
		onSuccess: () => enter(null),
	});
	return (
		<Form onSubmit={({ confirm = "", password = "" }) => remove.mutate({ confirm, password })}>
			<TextField
				label="Name of the account"
				name="confirm"
				required
				autoComplete="off"
				problem={fieldProblem(remove.error, "confirm")}
				hint={name && `Write ${name}, exactly.`}
			/>
			<TextField
				label="Your password"
				type="password"
				name="password"
				required
				autoComplete="current-password"
				problem={fieldProblem(remove.error, "password")}
			/>
			<ErrorNotice error={remove.error} fields={["confirm", "password"]} />
			<Button submit disabled={remove.isPending} className="border-alarm-ink text-alarm-ink">
				{remove.isPending ? "Deleting" : "Delete it for good"}
			</Button>
		</Form>
	);
}
