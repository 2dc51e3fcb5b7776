import { GlassworksApiError } from "@glassworks/sdk";
import { Button } from "../../ui/Button.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Notice } from "../../ui/Notice.tsx";

/** Why a mailed link does not work: used, too old, or cut off on the way. */
export function LinkProblem({ error, onRetry }: { error: Error | null; onRetry(): void }) {
	if (!error)
		return (
			<Notice title="The link is not whole.">
				Open it from the mail again, all of it to the end. After a reload it has to be opened from there too.
			</Notice>
		);
	if (isLinkInvalid(error)) return <Notice title="This link was used already, has expired or was replaced by a newer one." />;
	return <ErrorNotice error={error} action={<Button onClick={onRetry}>Try again</Button>} />;
}

export function isLinkInvalid(error: unknown): boolean {
	return (
		error instanceof GlassworksApiError &&
		["link_invalid", "invalid_request"].includes(error.code) &&
		!error.fields.some(({ path }) => path[0] !== "token")
	);
}
