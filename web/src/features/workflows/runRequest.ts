import type { JsonObject } from "@glassworks/sdk";
import type { ApiRequest } from "../../format/requestCode.ts";

/** A run of a workflow, as a program asks for it. */
export const runRequest = (origin: string, slug: string, body: JsonObject): ApiRequest => ({
	...{ origin, body, path: `/api/v1/workflows/${encodeURIComponent(slug)}/runs`, call: `workflows.run(${JSON.stringify(slug)}, ` },
});
