import { useQuery } from "@tanstack/react-query";
import { api } from "../api.ts";

/** What everybody may know of the server: its name and look, and who lets people in. Asked once. */
export function useServer() {
	return useQuery({
		queryKey: ["server"],
		queryFn: ({ signal }) => api.server.get({ signal }),
		staleTime: Number.POSITIVE_INFINITY,
	});
}
