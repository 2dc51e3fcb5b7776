import { TextField } from "../../ui/TextField.tsx";

export function NewPassword({ problem, label = "New password" }: { problem: string | undefined; label?: string }) {
	return (
		<TextField
			label={label}
			type="password"
			name="password"
			required
			autoComplete="new-password"
			problem={problem}
			hint="10 characters or more. Several words that do not belong together are good."
		/>
	);
}
