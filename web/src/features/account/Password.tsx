import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api.ts";
import { Button } from "../../ui/Button.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Form } from "../../ui/Form.tsx";
import { Section } from "../../ui/Section.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { fieldProblem } from "../session/fieldProblem.ts";
import { NewPassword } from "../session/NewPassword.tsx";

export function Password() {
	// A number for the form: another one is empty.
	const [changes, setChanges] = useState(0);
	const change = useMutation({
		// A wrong present password is no end of the session.
		mutationKey: ["session"],
		mutationFn: (passwords: { current: string; password: string }) => api.people.changePassword(passwords),
		onSuccess: () => setChanges(changes + 1),
	});
	return (
		<Section title="Password">
			<Form
				key={changes}
				label="Change the password"
				className="grid items-start gap-4 sm:grid-cols-2"
				onSubmit={({ current = "", password = "" }) => change.mutate({ current, password })}
			>
				<TextField label="Present password" type="password" name="current" required autoComplete="current-password" />
				<NewPassword problem={fieldProblem(change.error, "password")} />
				<div className="grid justify-items-start gap-3 sm:col-span-2">
					<ErrorNotice error={change.error} fields={["password"]} />
					{change.isSuccess && (
						<p role="status" className="text-sm text-cool-ink">
							Changed. Every other session of yours was ended.
						</p>
					)}
					<Button submit disabled={change.isPending}>
						Change it
					</Button>
				</div>
			</Form>
		</Section>
	);
}
