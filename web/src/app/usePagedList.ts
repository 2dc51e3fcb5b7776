import { useInfiniteQuery } from "@tanstack/react-query";

interface Page<Row> {
	data: Row[];
	next: string | null;
}
interface Options {
	everyMs?: number;
}

/** A list that comes a page at a time, as far as it was asked for. */
export function usePagedList<Row, Whole extends Page<Row>>(
	key: readonly unknown[],
	load: (options: { before?: string; signal: AbortSignal }) => Promise<Whole & Page<Row>>,
	{ everyMs }: Options = {},
) {
	const query = useInfiniteQuery({
		queryKey: key,
		queryFn: ({ pageParam, signal }) => load(pageParam === "" ? { signal } : { before: pageParam, signal }),
		initialPageParam: "",
		getNextPageParam: (page) => page.next,
		...(everyMs !== undefined && { refetchInterval: everyMs }),
	});
	return { ...query, rows: query.data?.pages.flatMap(({ data }) => data) ?? [] };
}
