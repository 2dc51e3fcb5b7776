import type { Member } from "@glassworks/sdk";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { usePagedList } from "../../app/usePagedList.ts";
import { DataTable } from "../../ui/DataTable.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { ListStatus } from "../../ui/ListStatus.tsx";
import { MoreButton } from "../../ui/MoreButton.tsx";
import { RemoveButton } from "../../ui/RemoveButton.tsx";
import { Section } from "../../ui/Section.tsx";
import { RoleSelect } from "./RoleSelect.tsx";

/** The people of the account, and what each may do. */
export function Members({ me }: { me: string | null }) {
	const queries = useQueryClient();
	const members = usePagedList(["members"], (page) => api.members.list({ limit: 50, ...page }));
	const onSettled = () => queries.invalidateQueries({ queryKey: ["members"] });
	const setRole = useMutation({ mutationFn: ({ id, role }: Pick<Member, "id" | "role">) => api.members.setRole(id, role), onSettled });
	const remove = useMutation({ mutationFn: (id: string) => api.members.remove(id), onSettled });
	return (
		<Section title="People">
			<ListStatus query={members} />
			<ErrorNotice error={setRole.error ?? remove.error} />
			{members.data && (
				<DataTable
					caption="People of the account"
					rows={members.rows}
					rowKey={({ id }) => id}
					empty="Nobody yet: keys alone use this account. Invite somebody below."
					columns={[
						{ head: "Name", cell: ({ id, name }) => `${name}${id === me ? " (you)" : ""}` },
						{ head: "Email", cell: ({ email }) => email },
						{
							head: "Role",
							cell: ({ id, name, role }) => (
								<RoleSelect label={`Role of ${name}`} value={role} onChange={(next) => setRole.mutate({ id, role: next })} />
							),
						},
						{ head: "Since", isFigure: true, cell: ({ joined_at: joined }) => new Date(joined).toLocaleDateString() },
						{
							head: "Actions",
							isFigure: true,
							cell: ({ id, name }) =>
								id !== me && <RemoveButton name={name} isBusy={remove.isPending} onRemove={() => remove.mutate(id)} />,
						},
					]}
				/>
			)}
			<MoreButton list={members} />
		</Section>
	);
}
