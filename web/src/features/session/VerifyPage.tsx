import { useMutation } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { Form } from "../../ui/Form.tsx";
import { HotButton } from "../../ui/HotButton.tsx";
import { Done } from "./Done.tsx";
import { EntryCard } from "./EntryCard.tsx";
import { EntryLink } from "./EntryLink.tsx";
import { LinkProblem } from "./LinkProblem.tsx";
import { MailRequest } from "./MailRequest.tsx";
import { useLinkToken } from "./useLinkToken.ts";

/** A button, not the opening alone: programs that look through mail open links too. */
export function VerifyPage() {
	const token = useLinkToken();
	const verify = useMutation({ mutationKey: ["session"], mutationFn: (link: string) => api.people.verify(link) });
	if (verify.isSuccess) return <Done title="Your address is verified" lead="Sign in with it and the password you chose." />;
	if (token === "" || verify.isError)
		return (
			<EntryCard title="Verify your address">
				<LinkProblem error={verify.error} onRetry={() => verify.mutate(token)} />
				<MailRequest send={(email) => api.people.resendVerification(email)} button="Mail me another link" lasts="a day" />
				<EntryLink to="/">Back to signing in</EntryLink>
			</EntryCard>
		);
	return (
		<EntryCard title="Verify your address" lead="If you signed up here, one press finishes it. If you did not, close this page.">
			<Form onSubmit={() => verify.mutate(token)}>
				<HotButton isBusy={verify.isPending} busy="Verifying">
					Verify my address
				</HotButton>
			</Form>
		</EntryCard>
	);
}
