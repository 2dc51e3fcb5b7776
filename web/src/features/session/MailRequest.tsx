import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useServer } from "../../app/useServer.ts";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Form } from "../../ui/Form.tsx";
import { HotButton } from "../../ui/HotButton.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { fieldProblem } from "./fieldProblem.ts";

interface Props {
	send(email: string): Promise<void>;
	button: string;
	/** How long the link works. */
	lasts: string;
	children?: ReactNode;
}

/** Asks for a link by mail. What is answered is the same whether the address is known or not. */
export function MailRequest({ send, button, lasts, children }: Props) {
	const ask = useMutation({ mutationFn: send });
	if (ask.isSuccess) return <Sent email={ask.variables} lasts={lasts} />;
	return (
		<Form onSubmit={({ email = "" }) => ask.mutate(email.trim())}>
			<TextField label="Email" type="email" name="email" required autoComplete="email" problem={fieldProblem(ask.error, "email")} />
			<ErrorNotice error={ask.error} fields={["email"]} />
			{children}
			<HotButton isBusy={ask.isPending} busy="Sending">
				{button}
			</HotButton>
		</Form>
	);
}

export function Sent({ email, lasts }: { email: string; lasts: string }) {
	const server = useServer();
	return (
		<div role="status" className="grid gap-2 rounded-lg bg-cool-wash p-4 text-sm leading-snug">
			<p className="font-medium text-cool-ink">Look at your mail</p>
			<p>
				If {email} can be used here, a link is on its way. It works for {lasts}.
			</p>
			{server.data?.sends_mail === false && <p>This server sends no mail: whoever runs it finds the link in its log.</p>}
		</div>
	);
}
