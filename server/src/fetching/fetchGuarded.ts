import { GlassworksError } from "../domain/errors.ts";
import type { UrlFetcher } from "../domain/ports.ts";
import { createGuardedRequest, type GuardOptions } from "./guardedRequest.ts";

/** Fetches what a tenant pointed at; only an answer of status 200 counts. Follows up to three redirects. */
export function createUrlFetcher(options: GuardOptions): UrlFetcher {
	const guardedRequest = createGuardedRequest(options);
	return {
		fetch: async (url, limits) => {
			const { status, headers, bytes } = await guardedRequest({ method: "GET", url, ...limits, followRedirects: true });
			if (status !== 200) throw new GlassworksError("url_failed", `The address answered with status ${status}.`, { status });
			const contentType = headers["content-type"];
			return { bytes, contentType: typeof contentType === "string" ? contentType : null };
		},
	};
}
