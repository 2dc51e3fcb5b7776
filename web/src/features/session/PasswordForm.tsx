import { GlassworksApiError } from "@glassworks/sdk";
import { useMutation } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Form } from "../../ui/Form.tsx";
import { HotButton } from "../../ui/HotButton.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { keepWay } from "./lastWay.ts";
import { ResendButton } from "./ResendButton.tsx";
import { useEnter } from "./useEnter.ts";

interface Props {
	/** Whose password it is, where that is settled. */
	email?: string;
	/** Accepted on the way in. */
	invitation?: string;
	onEntered?(): void;
}

export function PasswordForm({ email, invitation, onEntered }: Props) {
	const enter = useEnter();
	const signIn = useMutation({
		mutationKey: ["session"],
		mutationFn: (person: { email: string; password: string }) => api.people.signIn(invitation ? { ...person, invitation } : person),
		onSuccess: (session) => {
			keepWay("email");
			enter(session);
			onEntered?.();
		},
	});
	const unverified = signIn.error instanceof GlassworksApiError && signIn.error.code === "address_not_verified";
	return (
		<Form onSubmit={({ email = "", password = "" }) => signIn.mutate({ email: email.trim(), password })}>
			<TextField
				label="Email"
				type="email"
				name="email"
				required
				autoComplete="username"
				defaultValue={email}
				readOnly={email !== undefined}
			/>
			<TextField label="Password" type="password" name="password" required autoComplete="current-password" />
			<ErrorNotice error={signIn.error} action={unverified && <ResendButton email={signIn.variables?.email ?? ""} />} />
			<HotButton isBusy={signIn.isPending} busy="Signing in">
				{invitation ? "Sign in and accept" : "Sign in"}
			</HotButton>
		</Form>
	);
}
