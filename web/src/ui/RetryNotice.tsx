import { Button } from "./Button.tsx";
import { ErrorNotice } from "./ErrorNotice.tsx";

/** A list that could not be read, and the way on; nothing where it could. */
export function RetryNotice({ query }: { query: { error: Error | null; refetch(): unknown } }) {
	return <ErrorNotice error={query.error} action={<Button onClick={() => void query.refetch()}>Try again</Button>} />;
}
