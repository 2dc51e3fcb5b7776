import { useState } from "react";
import { useServer } from "../../app/useServer.ts";
import { Chips } from "../../ui/Chips.tsx";
import { EntryCard } from "./EntryCard.tsx";
import { EntryLink } from "./EntryLink.tsx";
import { KeyForm } from "./KeyForm.tsx";
import { lastWay, type Way } from "./lastWay.ts";
import { PasswordForm } from "./PasswordForm.tsx";

const ways = [
	{ value: "email", label: "Email" },
	{ value: "key", label: "Key" },
] as const satisfies { value: Way; label: string }[];

/** With an address or with a key: first whichever was used last, else the one that suits the server. */
export function SignIn() {
	const server = useServer();
	const [chosen, setChosen] = useState<Way | null>(lastWay);
	const way = chosen ?? (server.data?.sends_mail ? "email" : "key");
	return (
		<EntryCard title="Prompts in, finished pictures out" lead="Your place, the time and the price stay on the screen while you wait.">
			{!server.isPending && (
				<>
					<div className="grid gap-5">
						<Chips<Way> legend="Sign in with" choices={ways} value={way} onChange={setChosen} />
						{way === "email" ? <PasswordForm /> : <KeyForm />}
					</div>
					<nav aria-label="Other ways" className="-mt-3 flex flex-wrap justify-between gap-x-6">
						{way === "email" && <EntryLink to="/forgot">Forgot the password?</EntryLink>}
						{server.data?.sign_up === "open" && <EntryLink to="/sign-up">Sign up</EntryLink>}
						<EntryLink to="/status">Status</EntryLink>
					</nav>
				</>
			)}
		</EntryCard>
	);
}
