import { useQuery } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { adviceFor } from "../../format/advice.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { PageHead } from "../../ui/PageHead.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { useSession } from "../session/useSession.ts";
import { DeleteAccount } from "./DeleteAccount.tsx";
import { Invitations } from "./Invitations.tsx";
import { Members } from "./Members.tsx";
import { MonthBill } from "./MonthBill.tsx";
import { Organisations } from "./Organisations.tsx";
import { Password } from "./Password.tsx";
import { PlanView } from "./PlanView.tsx";

/** What the plan gives, what was spent, and who belongs to the account. */
export function AccountPage() {
	const { data: session } = useSession();
	const account = useQuery({ queryKey: ["account"], queryFn: ({ signal }) => api.account.get({ signal }), refetchInterval: 30_000 });
	const failed = account.isError ? adviceFor(account.error) : null;
	const { person = null, scopes = [] } = session ?? {};
	return (
		<div className="mx-auto grid w-full max-w-5xl min-w-0 gap-12 p-4 lg:p-8">
			<PageHead
				title="Account"
				lead={
					person
						? `You are ${person.name} (${person.email}), ${person.role} of it.`
						: "You are signed in with a key, which speaks for the whole account."
				}
			/>
			{failed && (
				<Notice title={failed.title} action={<Button onClick={() => void account.refetch()}>Try again</Button>}>
					{failed.advice}
				</Notice>
			)}
			{account.isPending && <Skeleton rows={4} className="h-16" />}
			{account.data && <PlanView account={account.data} />}
			<MonthBill />
			{scopes.includes("manage") && (
				<>
					<Members me={person?.id ?? null} />
					<Invitations />
				</>
			)}
			{person && (
				<>
					<Organisations />
					<Password />
				</>
			)}
			{person?.role === "owner" && <DeleteAccount />}
		</div>
	);
}
