import type { Server } from "@glassworks/sdk";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { api } from "../api.ts";

/** Name and logo that the operator gave the studio; until they are known, and where they cannot be, its own. */
export function useBrand(): Pick<Server, "name" | "logo_url"> {
	const { data } = useQuery({
		queryKey: ["server"],
		queryFn: ({ signal }) => api.server.get({ signal }),
		staleTime: Number.POSITIVE_INFINITY,
	});
	useEffect(() => {
		if (!data) return;
		document.title = data.name;
		const { accent, on_accent: onAccent } = data.colours;
		for (const [name, colour] of [
			["--ember", accent],
			["--ember-deep", accent],
			["--on-ember", onAccent],
		] as const)
			if (colour !== null) document.documentElement.style.setProperty(name, colour);
	}, [data]);
	return data ?? { name: "Glassworks", logo_url: null };
}
