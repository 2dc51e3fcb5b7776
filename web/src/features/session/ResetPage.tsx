import { useMutation } from "@tanstack/react-query";
import { Link } from "react-router";
import { api } from "../../api.ts";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Form } from "../../ui/Form.tsx";
import { HotButton } from "../../ui/HotButton.tsx";
import { Done } from "./Done.tsx";
import { EntryCard } from "./EntryCard.tsx";
import { fieldProblem } from "./fieldProblem.ts";
import { isLinkInvalid, LinkProblem } from "./LinkProblem.tsx";
import { NewPassword } from "./NewPassword.tsx";
import { useEnter } from "./useEnter.ts";
import { useLinkToken } from "./useLinkToken.ts";

export function ResetPage() {
	const token = useLinkToken();
	const enter = useEnter();
	const reset = useMutation({
		mutationKey: ["session"],
		mutationFn: (password: string) => api.people.reset({ token, password }),
		// It ended every session, this browser's too.
		onSuccess: () => enter(null),
	});
	if (reset.isSuccess) return <Done title="Your new password is set" lead="Every session was ended: sign in with it." />;
	if (token === "" || isLinkInvalid(reset.error))
		return (
			<EntryCard title="Choose a new password">
				<LinkProblem error={reset.error} onRetry={() => {}} />
				<Link to="/forgot" className="molten grid h-11 place-items-center rounded-lg font-semibold">
					Mail me another link
				</Link>
			</EntryCard>
		);
	return (
		<EntryCard title="Choose a new password" lead="It ends every session of yours, here and elsewhere.">
			<Form onSubmit={({ password = "" }) => reset.mutate(password)}>
				<NewPassword problem={fieldProblem(reset.error, "password")} />
				<ErrorNotice error={reset.error} fields={["password"]} />
				<HotButton isBusy={reset.isPending} busy="Setting it">
					Set it
				</HotButton>
			</Form>
		</EntryCard>
	);
}
