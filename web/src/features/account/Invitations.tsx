import type { CreatedInvitation, Member } from "@glassworks/sdk";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { useSend } from "../../app/useSend.ts";
import { Button } from "../../ui/Button.tsx";
import { DataTable } from "../../ui/DataTable.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Form } from "../../ui/Form.tsx";
import { HotButton } from "../../ui/HotButton.tsx";
import { RemoveButton } from "../../ui/RemoveButton.tsx";
import { Section } from "../../ui/Section.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { CopyButton } from "../picture/CopyButton.tsx";
import { fieldProblem } from "../session/fieldProblem.ts";
import { RoleSelect } from "./RoleSelect.tsx";

/** Who is invited; a mailed link lets them in. */
export function Invitations() {
	const queries = useQueryClient();
	const invitations = useQuery({ queryKey: ["invitations"], queryFn: ({ signal }) => api.invitations.list({ limit: 100, signal }) });
	const onSettled = () => queries.invalidateQueries({ queryKey: ["invitations"] });
	const invite = useSend({
		mutationFn: (invitation: { email: string; role: Member["role"] }) => api.invitations.create(invitation),
		onSettled,
	});
	const withdraw = useMutation({ mutationFn: (id: string) => api.invitations.withdraw(id), onSettled });
	return (
		<Section title="Invite somebody">
			<Form
				label="Invite somebody"
				className="grid items-start gap-4 sm:grid-cols-[minmax(0,1fr)_auto_auto]"
				onSubmit={({ email = "", role }) => invite.mutate({ email: email.trim(), role: role as Member["role"] })}
			>
				<TextField label="Email" type="email" name="email" required autoComplete="off" problem={fieldProblem(invite.error, "email")} />
				<div className="grid gap-1.5 [&>select]:h-11">
					<span aria-hidden="true" className="text-sm font-medium">
						Role
					</span>
					<RoleSelect label="Role of who is invited" name="role" />
				</div>
				<HotButton className="sm:mt-[1.625rem]" isBusy={invite.isPending} busy="Inviting">
					Invite
				</HotButton>
			</Form>
			<ErrorNotice error={invite.error} fields={["email"]} />
			<ErrorNotice error={withdraw.error} />
			{invite.data && <Invited made={invite.data} />}
			<ErrorNotice error={invitations.error} action={<Button onClick={() => void invitations.refetch()}>Try again</Button>} />
			{invitations.data && invitations.data.data.length > 0 && (
				<DataTable
					caption="Invitations that were not accepted yet"
					rows={invitations.data.data}
					rowKey={({ id }) => id}
					empty="None."
					columns={[
						{ head: "Invited", cell: ({ email }) => email },
						{ head: "Role", cell: ({ role }) => role },
						{ head: "Until", isFigure: true, cell: ({ expires_at: expires }) => new Date(expires).toLocaleDateString() },
						{
							head: "Actions",
							isFigure: true,
							cell: ({ id, email }) => (
								<RemoveButton verb="Withdraw" name={email} isBusy={withdraw.isPending} onRemove={() => withdraw.mutate(id)} />
							),
						},
					]}
				/>
			)}
		</Section>
	);
}

function Invited({ made: { invitation, link } }: { made: CreatedInvitation }) {
	return (
		<div role="status" className="grid gap-2 rounded-lg bg-cool-wash p-3 text-sm">
			<p>A link was mailed to {invitation.email}. It works for a week.</p>
			{link && (
				<p className="flex flex-wrap items-center gap-3">
					You may also hand it on yourself: <CopyButton text={link} label="Copy the link" />
				</p>
			)}
		</div>
	);
}
