import type { Session } from "@glassworks/sdk";
import { useQueryClient } from "@tanstack/react-query";
import { jobsStore } from "../jobs/jobsStore.ts";

/** Begins another session, or none: nothing of the account that was open before stays in the page. */
export function useEnter(): (session: Session | null) => void {
	const queries = useQueryClient();
	return (session) => {
		jobsStore.clear();
		sessionStorage.clear();
		queries.removeQueries({ predicate: ({ queryKey: [what] }) => what !== "server" && what !== "session" });
		queries.setQueryData(["session"], session);
	};
}
