import type { Model } from "@glassworks/sdk";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api.ts";

/** The model at hand that can start from a picture: `usual` if it does, else another. Undefined: not known yet; null: none does. */
export function useStarter(usual: string): Model | null | undefined {
	const models = useQuery({ queryKey: ["models"], queryFn: ({ signal }) => api.models.list({ signal }), staleTime: 30_000 });
	const starters = models.data?.filter(({ steps, takes }) => steps.includes("generate") && takes.image);
	return starters && (starters.find(({ name }) => name === usual) ?? starters[0] ?? null);
}
