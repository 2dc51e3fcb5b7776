import { useSession } from "../features/session/useSession.ts";
import { type Page, pages } from "./pages.tsx";

/** The pages that this session may see. */
export function usePages(place: Page["place"]): Page[] {
	const scopes = useSession().data?.scopes ?? [];
	return pages.filter((page) => page.place === place && (!page.scope || scopes.includes(page.scope)));
}
