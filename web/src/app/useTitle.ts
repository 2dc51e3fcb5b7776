import { useEffect } from "react";
import { useBrand } from "./useBrand.ts";

/** The tab says where one is, at whose studio, and how much is on its way. */
export function useTitle(page: string | null, open = 0): void {
	const { name } = useBrand();
	useEffect(() => {
		document.title = `${open > 0 ? `(${open}) ` : ""}${page === null ? "" : `${page} - `}${name}`;
	}, [page, open, name]);
}
