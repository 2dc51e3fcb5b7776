import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { IconButton } from "../../ui/IconButton.tsx";
import { SignOut } from "../../ui/icons.tsx";
import { jobsStore } from "../jobs/jobsStore.ts";
import { useSession } from "./useSession.ts";

export function AccountButton() {
	const queries = useQueryClient();
	const session = useSession();
	const signOut = useMutation({
		mutationFn: () => api.session.delete(),
		onSuccess: () => {
			// Nothing of this account may be seen by whoever signs in next.
			jobsStore.clear();
			sessionStorage.clear();
			queries.clear();
			queries.setQueryData(["session"], null);
		},
	});
	return (
		<>
			<span className="hidden text-sm text-ink-soft capitalize md:inline">{session.data?.plan}</span>
			<IconButton
				label={signOut.isError ? "Signing out failed: try again" : "Sign out"}
				disabled={signOut.isPending}
				onClick={() => signOut.mutate()}
			>
				<SignOut />
			</IconButton>
		</>
	);
}
