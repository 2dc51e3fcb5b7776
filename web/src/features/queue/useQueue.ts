import { useQuery } from "@tanstack/react-query";
import { api } from "../../api.ts";

/** `everyMs`: between looks; the server's own picture is a second old. */
export function useQueue(everyMs = 5_000) {
	return useQuery({ queryKey: ["queue"], queryFn: ({ signal }) => api.queue.get({ signal }), refetchInterval: everyMs });
}
