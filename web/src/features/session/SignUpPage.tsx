import { useMutation } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { useServer } from "../../app/useServer.ts";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Form } from "../../ui/Form.tsx";
import { HotButton } from "../../ui/HotButton.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { EntryCard } from "./EntryCard.tsx";
import { EntryLink } from "./EntryLink.tsx";
import { fieldProblem } from "./fieldProblem.ts";
import { Sent } from "./MailRequest.tsx";
import { NewPassword } from "./NewPassword.tsx";

export function SignUpPage() {
	const server = useServer();
	const isClosed = server.data && server.data.sign_up !== "open";
	return (
		<EntryCard
			title="Sign up"
			lead={
				isClosed
					? "This server lets people in by invitation only: ask whoever manages the account you want to join."
					: "You get an account of your own, on the plan the operator chose for newcomers."
			}
		>
			{!isClosed && <SignUpForm />}
			<EntryLink to="/">Back to signing in</EntryLink>
		</EntryCard>
	);
}

function SignUpForm() {
	const signUp = useMutation({ mutationFn: (person: { email: string; name: string; password: string }) => api.people.signUp(person) });
	if (signUp.isSuccess) return <Sent email={signUp.variables.email} lasts="a day" />;
	return (
		<Form onSubmit={({ email = "", name = "", password = "" }) => signUp.mutate({ email: email.trim(), name, password })}>
			<TextField label="Your name" name="name" required autoComplete="name" maxLength={100} problem={fieldProblem(signUp.error, "name")} />
			<TextField label="Email" type="email" name="email" required autoComplete="username" problem={fieldProblem(signUp.error, "email")} />
			<NewPassword label="Password" problem={fieldProblem(signUp.error, "password")} />
			<ErrorNotice error={signUp.error} fields={["name", "email", "password"]} />
			<HotButton isBusy={signUp.isPending} busy="Signing up">
				Sign up
			</HotButton>
		</Form>
	);
}
