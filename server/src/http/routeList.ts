import type { FastifyInstance } from "fastify";

export interface ListedRoute {
	method: string;
	/** With parameters: `/api/v1/jobs/:id`. */
	url: string;
}

/** Every route registered from now on, in order. */
export function listRoutes(app: FastifyInstance): ListedRoute[] {
	const routes: ListedRoute[] = [];
	app.addHook("onRoute", ({ method, url }) => {
		for (const each of [method].flat()) routes.push({ method: each, url });
	});
	return routes;
}

/** Methods that some route takes at this path; wildcards do not count. */
export function methodsAt(routes: readonly ListedRoute[], path: string): string[] {
	const found = routes.filter(({ url }) => !url.includes("*") && pathPattern(url).test(path));
	return [...new Set(found.map(({ method }) => method))].sort();
}

function pathPattern(url: string): RegExp {
	const parts = url.split("/").map((part) => (part.startsWith(":") ? "[^/]+" : part.replaceAll(/[.+?^$()|[\]{}\\]/g, "\\$&")));
	return new RegExp(`^${parts.join("/")}$`);
}
