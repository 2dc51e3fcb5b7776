import type { Server } from "@glassworks/sdk";
import { useEffect } from "react";
import { useServer } from "./useServer.ts";

/** Name and logo that the operator gave the studio; until they are known, and where they cannot be, its own. */
export function useBrand(): Pick<Server, "name" | "logo_url"> {
	const { data } = useServer();
	useEffect(() => {
		if (!data) return;
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
