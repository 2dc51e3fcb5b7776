import { GlassworksApiError } from "@glassworks/sdk";
import type { ReactNode } from "react";
import { adviceFor } from "../format/advice.ts";
import { Notice } from "./Notice.tsx";

/** For anything a call may throw; nothing for what stands beside its field already. */
export function ErrorNotice({ error, action, fields = [] }: { error: unknown; action?: ReactNode; fields?: readonly string[] }) {
	if (!error) return null;
	const named = error instanceof GlassworksApiError ? error.fields.map(({ path }) => String(path[0])) : [];
	if (named.length > 0 && named.every((field) => fields.includes(field))) return null;
	const { title, advice } = adviceFor(error);
	return (
		<Notice title={title} action={action}>
			{advice}
		</Notice>
	);
}
