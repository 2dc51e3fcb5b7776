import { api } from "../../api.ts";
import { EntryCard } from "./EntryCard.tsx";
import { EntryLink } from "./EntryLink.tsx";
import { MailRequest } from "./MailRequest.tsx";

export function ForgotPage() {
	return (
		<EntryCard title="Choose another password" lead="A link to do so is mailed to you.">
			<MailRequest send={(email) => api.people.forgot(email)} button="Mail me the link" lasts="an hour" />
			<EntryLink to="/">Back to signing in</EntryLink>
		</EntryCard>
	);
}
