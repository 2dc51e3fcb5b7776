import { useQuery } from "@tanstack/react-query";
import { api } from "../../api.ts";

export function useStatus() {
	return useQuery({ queryKey: ["status"], queryFn: ({ signal }) => api.status.get({ signal }), refetchInterval: 15_000 });
}
