import { useMutation } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Form } from "../../ui/Form.tsx";
import { HotButton } from "../../ui/HotButton.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { fieldProblem } from "./fieldProblem.ts";
import { keepWay } from "./lastWay.ts";
import { NewPassword } from "./NewPassword.tsx";
import { useEnter } from "./useEnter.ts";

/** Somebody new: the link itself showed that the address is theirs. */
export function JoinForm({ token, email, onEntered }: { token: string; email: string; onEntered(): void }) {
	const enter = useEnter();
	const join = useMutation({
		mutationKey: ["session"],
		mutationFn: (person: { name: string; password: string }) => api.invitations.join({ token, ...person }),
		onSuccess: (session) => {
			keepWay("email");
			enter(session);
			onEntered();
		},
	});
	return (
		<Form onSubmit={({ name = "", password = "" }) => join.mutate({ name, password })}>
			<TextField label="Your name" name="name" required autoComplete="name" maxLength={100} problem={fieldProblem(join.error, "name")} />
			<input type="hidden" name="username" autoComplete="username" value={email} />
			<NewPassword label="Password" problem={fieldProblem(join.error, "password")} />
			<ErrorNotice error={join.error} fields={["name", "password"]} />
			<HotButton isBusy={join.isPending} busy="Joining">
				Join
			</HotButton>
		</Form>
	);
}
