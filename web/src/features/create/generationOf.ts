import type { CreateGeneration } from "@glassworks/sdk";
import type { ApiRequest } from "../../format/requestCode.ts";

export const generationOf = (body: CreateGeneration, origin: string): ApiRequest => ({
	...{ origin, body, path: "/api/v1/generations", call: "generations.create(" },
});
