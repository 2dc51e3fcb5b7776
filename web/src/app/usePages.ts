import { useLocation } from "react-router";
import { useSession } from "../features/session/useSession.ts";
import { type Page, pages } from "./pages.tsx";

/** The pages that this session may see. */
export function usePages(place: Page["place"]): Page[] {
	const scopes = useSession().data?.scopes ?? [];
	return pages.filter((page) => page.place === place && (!page.scope || scopes.includes(page.scope)));
}

/** What the page that is open is called; null: it is none of them, or the first. */
export function usePageLabel(): string | null {
	const { pathname } = useLocation();
	return pages.find(({ path }) => path !== "" && `${pathname}/`.startsWith(`/${path}/`))?.label ?? null;
}
