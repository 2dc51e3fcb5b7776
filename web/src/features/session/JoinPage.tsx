import type { OpenedInvitation } from "@glassworks/sdk";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { api } from "../../api.ts";
import { AcceptForm } from "./AcceptForm.tsx";
import { EntryCard } from "./EntryCard.tsx";
import { EntryLink } from "./EntryLink.tsx";
import { JoinForm } from "./JoinForm.tsx";
import { LinkProblem } from "./LinkProblem.tsx";
import { PasswordForm } from "./PasswordForm.tsx";
import { useLinkToken } from "./useLinkToken.ts";
import { useSession } from "./useSession.ts";

export function JoinPage() {
	const token = useLinkToken();
	const invitation = useQuery({
		queryKey: ["invitation", token],
		queryFn: ({ signal }) => api.invitations.open(token, { signal }),
		enabled: token !== "",
		// Once accepted it can be opened no more, and need not be.
		staleTime: Number.POSITIVE_INFINITY,
	});
	if (token === "" || invitation.isError)
		return (
			<EntryCard title="Accept an invitation">
				<LinkProblem error={invitation.error} onRetry={() => void invitation.refetch()} />
				<p className="text-sm text-ink-soft">Whoever invited you can send another invitation; it replaces this one.</p>
				<EntryLink to="/">Go to the studio</EntryLink>
			</EntryCard>
		);
	return invitation.data ? <Invitation token={token} invitation={invitation.data} /> : <EntryCard title="Opening the invitation" />;
}

const may: Record<OpenedInvitation["role"], string> = {
	viewer: "You will see its pictures and workflows.",
	member: "You will make pictures on its plan.",
	admin: "You will make pictures and manage its people, keys and webhooks.",
	owner: "You will own it, with whoever owns it already.",
};

function Invitation({ token, invitation }: { token: string; invitation: OpenedInvitation }) {
	const session = useSession();
	const navigate = useNavigate();
	const onEntered = () => void navigate("/", { replace: true });
	const { organisation, role, email, person_exists: isKnown } = invitation;
	return (
		<EntryCard title={`Join ${organisation}`} lead={`${email} is invited as ${role}. ${may[role]}`}>
			{session.data?.person ? (
				<AcceptForm token={token} email={email} person={session.data.person} onEntered={onEntered} />
			) : isKnown ? (
				<PasswordForm email={email} invitation={token} onEntered={onEntered} />
			) : (
				<JoinForm token={token} email={email} onEntered={onEntered} />
			)}
			{isKnown && !session.data?.person && <EntryLink to="/forgot">Forgot the password?</EntryLink>}
		</EntryCard>
	);
}
