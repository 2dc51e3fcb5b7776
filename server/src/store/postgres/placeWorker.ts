import type { ClaimRequest } from "../../domain/jobs/jobStore.ts";
import type { Database } from "../sql.ts";
import type { Scheduling } from "./scheduling.ts";

export async function placeWorker(_database: Database, request: ClaimRequest, _scheduling: Scheduling): Promise<string[]> {
	return [...request.capabilities];
}
