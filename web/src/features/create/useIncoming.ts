import { useEffect } from "react";
import { useLocation, useNavigate } from "react-router";
import { type Draft, fromRequest } from "./draft.ts";
import { readShared } from "./shareLink.ts";

/** Takes what another page or a shared link brings along into the form, once. */
export function useIncoming(change: (changes: Partial<Draft>) => void): void {
	const { state, search, hash } = useLocation();
	const navigate = useNavigate();
	useEffect(() => {
		const use = (state as { use?: Partial<Draft> } | null)?.use;
		const shared = readShared(search, hash);
		if (!use && !shared) return;
		if (use) change(use);
		if (shared) change(fromRequest(shared, typeof shared.seed === "number" ? shared.seed : null));
		void navigate("/", { replace: true, state: null });
	}, [state, search, hash, change, navigate]);
}
