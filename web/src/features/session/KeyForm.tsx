import { GlassworksApiError } from "@glassworks/sdk";
import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { api } from "../../api.ts";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Form } from "../../ui/Form.tsx";
import { HotButton } from "../../ui/HotButton.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { keepWay } from "./lastWay.ts";
import { useEnter } from "./useEnter.ts";

/** Trades a key for a cookie that no script can read. The key is not kept by this page. */
export function KeyForm() {
	const enter = useEnter();
	const form = useRef<HTMLDivElement>(null);
	const signIn = useMutation({
		mutationKey: ["session"],
		mutationFn: (key: string) => api.session.create(key),
		onSuccess: (session) => {
			keepWay("key");
			enter(session);
		},
		onError: () => form.current?.querySelector("input")?.select(),
	});
	const refused = signIn.error instanceof GlassworksApiError && signIn.error.status === 401;
	return (
		<div ref={form}>
			<Form onSubmit={({ key = "" }) => signIn.mutate(key.trim())}>
				<TextField
					label="API key"
					type="password"
					name="key"
					required
					autoComplete="current-password"
					spellCheck={false}
					aria-invalid={refused || undefined}
					className="font-mono"
					hint="The server printed the owner's key once, when it first started. It is exchanged for a session of this browser and not stored."
				/>
				{refused ? (
					<Notice title="That key is not valid here.">
						Look for a missing character, or make a new key on the server: glassworks keys create.
					</Notice>
				) : (
					<ErrorNotice error={signIn.error} />
				)}
				<HotButton isBusy={signIn.isPending} busy="Signing in">
					Sign in
				</HotButton>
			</Form>
		</div>
	);
}
