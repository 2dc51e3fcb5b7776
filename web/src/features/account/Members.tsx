import type { Member } from "@glassworks/sdk";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { Button } from "../../ui/Button.tsx";
import { DataTable } from "../../ui/DataTable.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Section } from "../../ui/Section.tsx";
import { RemoveButton } from "./RemoveButton.tsx";
import { RoleSelect } from "./RoleSelect.tsx";

/** The people of the account, and what each may do. */
export function Members({ me }: { me: string | null }) {
	const queries = useQueryClient();
	const members = useInfiniteQuery({
		queryKey: ["members"],
		queryFn: ({ pageParam, signal }) => api.members.list({ limit: 50, ...(pageParam && { before: pageParam }), signal }),
		initialPageParam: "",
		getNextPageParam: (page) => page.next,
	});
	const onSettled = () => queries.invalidateQueries({ queryKey: ["members"] });
	const setRole = useMutation({ mutationFn: ({ id, role }: Pick<Member, "id" | "role">) => api.members.setRole(id, role), onSettled });
	const remove = useMutation({ mutationFn: (id: string) => api.members.remove(id), onSettled });
	return (
		<Section title="People">
			<ErrorNotice error={members.error} action={<Button onClick={() => void members.refetch()}>Try again</Button>} />
			<ErrorNotice error={setRole.error ?? remove.error} />
			{members.data && (
				<DataTable
					caption="People of the account"
					rows={members.data.pages.flatMap(({ data }) => data)}
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
							head: "",
							isFigure: true,
							cell: ({ id, name }) =>
								id !== me && <RemoveButton name={name} isBusy={remove.isPending} onRemove={() => remove.mutate(id)} />,
						},
					]}
				/>
			)}
			{members.hasNextPage && (
				<Button className="justify-self-center" disabled={members.isFetchingNextPage} onClick={() => void members.fetchNextPage()}>
					Show more
				</Button>
			)}
		</Section>
	);
}
