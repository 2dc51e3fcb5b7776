import { Button } from "./Button.tsx";
import { ErrorNotice } from "./ErrorNotice.tsx";
import { Skeleton } from "./Skeleton.tsx";

/** What stands where a list will: rows on their way, or why it could not be read and the way on; nothing once it is there. */
export function ListStatus({ query }: { query: { error: Error | null; isPending: boolean; refetch(): unknown } }) {
	if (query.isPending) return <Skeleton rows={4} className="h-11" />;
	return <ErrorNotice error={query.error} action={<Button onClick={() => void query.refetch()}>Try again</Button>} />;
}
