import { Button } from "./Button.tsx";

interface Props {
	hasNextPage: boolean;
	isFetchingNextPage: boolean;
	fetchNextPage(): unknown;
}

/** The next page of a list; nothing where this is the last. */
export function MoreButton({ list: { hasNextPage, isFetchingNextPage, fetchNextPage } }: { list: Props }) {
	if (!hasNextPage) return null;
	return (
		<Button className="justify-self-center" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
			{isFetchingNextPage ? "Loading" : "Show more"}
		</Button>
	);
}
