import { useQuery } from "@tanstack/react-query";
import { api } from "../../api.ts";

export function useQueue() {
	return useQuery({ queryKey: ["queue"], queryFn: ({ signal }) => api.queue.get({ signal }), refetchInterval: 5_000 });
}
