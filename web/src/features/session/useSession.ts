import { GlassworksApiError, type Session } from "@glassworks/sdk";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api.ts";

/** Who is signed in; null: nobody. */
export function useSession() {
	return useQuery<Session | null>({
		queryKey: ["session"],
		queryFn: async ({ signal }) => {
			try {
				return await api.session.get({ signal });
			} catch (error) {
				if (error instanceof GlassworksApiError && error.status === 401) return null;
				throw error;
			}
		},
		staleTime: 60_000,
	});
}
