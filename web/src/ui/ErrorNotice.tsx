import { GlassworksApiError } from "@glassworks/sdk";
import type { ReactNode } from "react";
import { adviceFor } from "../format/advice.ts";
import { Button } from "./Button.tsx";
import { Notice } from "./Notice.tsx";

interface Props {
	error: unknown;
	action?: ReactNode;
	/** Without another action: a button that tries again. */
	onRetry?(): void;
	/** Fields that show themselves what is wrong with them. */
	fields?: readonly string[];
}

/** For anything a call may throw; nothing for what stands beside its field already. */
export function ErrorNotice({ error, action, onRetry, fields = [] }: Props) {
	if (!error) return null;
	const named = error instanceof GlassworksApiError ? error.fields.map(({ path }) => String(path[0])) : [];
	if (named.length > 0 && named.every((field) => fields.includes(field))) return null;
	const { title, advice } = adviceFor(error);
	return (
		<Notice title={title} action={action ?? (onRetry && <Button onClick={onRetry}>Try again</Button>)}>
			{advice}
		</Notice>
	);
}
