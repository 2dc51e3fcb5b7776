import { GlassworksApiError } from "@glassworks/sdk";
import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";

/** Any answer that the session is over brings back the sign-in card; what was typed stays. */
function onError(error: Error, key: readonly unknown[] = []): void {
	if (error instanceof GlassworksApiError && error.status === 401 && key[0] !== "session")
		void queryClient.invalidateQueries({ queryKey: ["session"] });
}

export const queryClient: QueryClient = new QueryClient({
	queryCache: new QueryCache({ onError: (error, query) => onError(error, query.queryKey) }),
	mutationCache: new MutationCache({ onError: (error, _variables, _result, mutation) => onError(error, mutation.options.mutationKey) }),
	defaultOptions: {
		// The client has retried already where that helps.
		// Asked without a network too: then it fails and says so, where a page would otherwise load without end.
		queries: { retry: false, staleTime: 5_000, networkMode: "always" },
		mutations: { retry: false, networkMode: "always" },
	},
});
