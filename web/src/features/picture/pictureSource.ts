/**
 * The address to load a picture from. The server's own links carry the address it is configured with, which need not be the one this page
 * was opened at; below /api/ they are taken from here, as the page's policy demands.
 */
export function pictureSource(link: string | null): string | undefined {
	if (link === null) return undefined;
	if (!URL.canParse(link)) return link;
	const url = new URL(link);
	return url.pathname.startsWith("/api/v1/") ? `${url.pathname}${url.search}` : link;
}
