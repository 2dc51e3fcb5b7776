import type { OwnLora, Training } from "./training.ts";

export interface TrainingPage {
	trainings: Training[];
	/** Pass as `before` for the next page; null at the end. */
	next: string | null;
}

/** Trainings and the LoRAs that came of them. They are accepted, cancelled and deleted as the jobs they are. */
export interface TrainingStore {
	/** @throws {GlassworksError} not_found, for another tenant's too; job_deleted */
	get(tenantId: string, id: string): Promise<Training>;
	/** Newest first. */
	list(tenantId: string, page: { limit: number; before: string | null }): Promise<TrainingPage>;
	/** Those of the names that are finished LoRAs of the tenant. */
	loras(tenantId: string, names: readonly string[]): Promise<OwnLora[]>;
}
