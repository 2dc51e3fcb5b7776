import { useMutation } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { Button } from "../../ui/Button.tsx";

/** Mails the link that verifies an address again. */
export function ResendButton({ email }: { email: string }) {
	const resend = useMutation({ mutationFn: () => api.people.resendVerification(email) });
	if (resend.isSuccess) return <p role="status">Sent: look at your mail. The link works for a day.</p>;
	return (
		<Button disabled={resend.isPending} onClick={() => resend.mutate()}>
			{resend.isError ? "That did not work: try again" : "Mail the link again"}
		</Button>
	);
}
