import { useMutation } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { SignOut } from "../../ui/icons.tsx";
import { useEnter } from "./useEnter.ts";

export function SignOutButton() {
	const enter = useEnter();
	// Nothing of this account may be seen by whoever signs in next.
	const signOut = useMutation({ mutationFn: () => api.session.delete(), onSuccess: () => enter(null) });
	return (
		<button
			type="button"
			disabled={signOut.isPending}
			onClick={() => signOut.mutate()}
			className="flex min-h-10 w-full items-center gap-2.5 rounded-lg px-3 text-sm hover:bg-sunken disabled:opacity-50"
		>
			<SignOut />
			{signOut.isError ? "Signing out failed: try again" : "Sign out"}
		</button>
	);
}
