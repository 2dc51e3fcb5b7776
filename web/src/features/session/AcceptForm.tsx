import type { Session } from "@glassworks/sdk";
import { useMutation } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { Button } from "../../ui/Button.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Form } from "../../ui/Form.tsx";
import { HotButton } from "../../ui/HotButton.tsx";
import { useEnter } from "./useEnter.ts";

interface Props {
	token: string;
	/** Whom the invitation is for. */
	email: string;
	person: NonNullable<Session["person"]>;
	onEntered(): void;
}

/** For who is signed in: accept, or sign out where it is for somebody else. */
export function AcceptForm({ token, email, person, onEntered }: Props) {
	const enter = useEnter();
	const accept = useMutation({
		mutationFn: () => api.invitations.accept(token),
		onSuccess: (session) => {
			enter(session);
			onEntered();
		},
	});
	const signOut = useMutation({ mutationFn: () => api.session.delete(), onSuccess: () => enter(null) });
	if (person.email !== email)
		return (
			<div className="grid gap-4">
				<p className="text-sm leading-snug">You are signed in as {person.email}, and the invitation is for another address.</p>
				<ErrorNotice error={signOut.error} />
				<Button disabled={signOut.isPending} onClick={() => signOut.mutate()}>
					Sign out and go on
				</Button>
			</div>
		);
	return (
		<Form onSubmit={() => accept.mutate()}>
			<ErrorNotice error={accept.error} />
			<HotButton isBusy={accept.isPending} busy="Joining">
				Join as {person.name}
			</HotButton>
		</Form>
	);
}
