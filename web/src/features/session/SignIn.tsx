import { GlassworksApiError } from "@glassworks/sdk";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useRef } from "react";
import { api } from "../../api.ts";
import { Wordmark } from "../../app/Wordmark.tsx";
import { adviceFor } from "../../format/advice.ts";
import { Notice } from "../../ui/Notice.tsx";

/** Trades a key for a cookie that no script can read. The key is not kept by this page. */
export function SignIn() {
	const queries = useQueryClient();
	const field = useRef<HTMLInputElement>(null);
	const hint = useId();
	const signIn = useMutation({
		mutationKey: ["session"],
		mutationFn: (key: string) => api.session.create(key),
		onSuccess: (session) => queries.setQueryData(["session"], session),
		onError: () => field.current?.select(),
	});
	const refused = signIn.error instanceof GlassworksApiError && signIn.error.status === 401;
	const { title, advice } = refused
		? {
				title: "That key is not valid here.",
				advice: "Look for a missing character, or make a new key on the server: glassworks keys create.",
			}
		: adviceFor(signIn.error);

	return (
		<main className="grid min-h-dvh place-items-center p-4">
			<div className="gather w-full max-w-md rounded-2xl border border-line p-6 shadow-(--shadow) sm:p-8">
				<Wordmark />
				<h1 className="mt-8 text-2xl font-semibold tracking-tight text-balance">Prompts in, finished pictures out</h1>
				<p className="mt-2 text-ink-soft">Your place, the time and the price stay on the screen while you wait.</p>
				<form
					className="mt-7 grid gap-4"
					onSubmit={(event) => {
						event.preventDefault();
						const key = field.current?.value.trim() ?? "";
						if (key !== "") signIn.mutate(key);
						else field.current?.focus();
					}}
				>
					<label className="grid gap-1.5">
						<span className="text-sm font-medium">API key</span>
						<input
							ref={field}
							type="password"
							name="key"
							autoComplete="current-password"
							spellCheck={false}
							aria-describedby={hint}
							aria-invalid={refused || undefined}
							className="field h-11 px-3 font-mono"
						/>
					</label>
					<p id={hint} className="text-[13px] leading-snug text-ink-soft">
						The server printed the owner's key once, when it first started. It is exchanged for a session of this browser and not stored.
					</p>
					{signIn.isError && <Notice title={title}>{advice}</Notice>}
					<button type="submit" disabled={signIn.isPending} className="molten h-11 rounded-lg font-semibold disabled:opacity-70">
						{signIn.isPending ? "Signing in" : "Sign in"}
					</button>
				</form>
			</div>
		</main>
	);
}
