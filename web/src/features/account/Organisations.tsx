import { useMutation, useQuery } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { useSend } from "../../app/useSend.ts";
import { useServer } from "../../app/useServer.ts";
import { Button } from "../../ui/Button.tsx";
import { DataTable } from "../../ui/DataTable.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Form } from "../../ui/Form.tsx";
import { RemoveButton } from "../../ui/RemoveButton.tsx";
import { Section } from "../../ui/Section.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { fieldProblem } from "../session/fieldProblem.ts";
import { useEnter } from "../session/useEnter.ts";

/** The accounts one belongs to: into another, out of this one, or one more of one's own. */
export function Organisations() {
	const enter = useEnter();
	const server = useServer();
	const list = useQuery({ queryKey: ["organisations"], queryFn: ({ signal }) => api.organisations.list({ signal }) });
	const go = useMutation({ mutationFn: (id: string) => api.organisations.enter(id), onSuccess: enter });
	const leave = useMutation({ mutationFn: () => api.organisations.leave(), onSuccess: () => enter(null) });
	return (
		<Section title="Your accounts">
			<ErrorNotice error={list.error} action={<Button onClick={() => void list.refetch()}>Try again</Button>} />
			<ErrorNotice error={go.error ?? leave.error} />
			{list.data && (
				<DataTable
					caption="Accounts you belong to"
					rows={list.data}
					rowKey={({ id }) => id}
					empty="None."
					columns={[
						{ head: "Account", cell: ({ name }) => name },
						{ head: "Plan", cell: ({ plan }) => plan },
						{ head: "You are", cell: ({ role }) => role },
						{
							head: "Actions",
							isFigure: true,
							cell: ({ id, name, active }) =>
								active ? (
									<span className="inline-flex items-center gap-3">
										<span className="text-cool-ink">You are in it</span>
										<RemoveButton verb="Leave" name={name} isBusy={leave.isPending} onRemove={() => leave.mutate()} />
									</span>
								) : (
									<Button disabled={go.isPending} onClick={() => go.mutate(id)} aria-label={`Enter ${name}`}>
										Enter
									</Button>
								),
						},
					]}
				/>
			)}
			{server.data?.sign_up === "open" && <NewOrganisation onMade={(id) => go.mutate(id)} />}
		</Section>
	);
}

function NewOrganisation({ onMade }: { onMade(id: string): void }) {
	const create = useSend({ mutationFn: (name: string) => api.organisations.create(name), onSuccess: ({ id }) => onMade(id) });
	return (
		<Form
			label="Another account"
			className="grid items-start gap-4 sm:grid-cols-[minmax(0,20rem)_auto] sm:justify-start"
			onSubmit={({ name = "" }) => create.mutate(name)}
		>
			<TextField
				label="Another account"
				name="name"
				required
				maxLength={100}
				placeholder="Its name"
				problem={fieldProblem(create.error, "name")}
			/>
			<Button submit className="min-h-11 sm:mt-[1.625rem]" disabled={create.isPending}>
				Make and enter it
			</Button>
			<ErrorNotice error={create.error} fields={["name"]} />
		</Form>
	);
}
