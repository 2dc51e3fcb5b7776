import { GlassworksError } from "../../domain/errors.ts";
import type { Job } from "../../domain/jobs/job.ts";
import type { OwnLora, Training } from "../../domain/trainings/training.ts";
import type { TrainingStore } from "../../domain/trainings/trainingStore.ts";
import { type Database, sql } from "../sql.ts";
import { jobDeleted } from "./deletePictures.ts";
import { readJobs } from "./rows.ts";

type TrainingRow = Omit<Training, "job"> & { id: string };

const columns = sql`t.id, t.name, t.family, t.file`;

export function createTrainingStore(database: Database): TrainingStore {
	async function withJobs(tenantId: string, rows: readonly TrainingRow[]): Promise<Training[]> {
		const ids = rows.map(({ id }) => id);
		const jobs = await readJobs(database, sql`where j.tenant_id = ${tenantId} and j.id = any(${ids}::text[]) and j.deleted_at is null`);
		const byId = new Map<string, Job>(jobs.map((job) => [job.id, job]));
		return rows.flatMap(({ id, ...training }) => {
			const job = byId.get(id);
			return job ? [{ ...training, job }] : [];
		});
	}
	return {
		async get(tenantId, id) {
			const rows = await database.query<TrainingRow>(
				sql`select ${columns} from trainings t where t.id = ${id} and t.tenant_id = ${tenantId}`,
			);
			const [found] = await withJobs(tenantId, rows);
			if (found) return found;
			const [gone] = await database.query(
				sql`select 1 as one from jobs where id = ${id} and tenant_id = ${tenantId} and workflow = 'train_lora'`,
			);
			throw gone ? jobDeleted() : new GlassworksError("not_found", `No training ${id}.`);
		},
		async list(tenantId, { limit, before }) {
			const after = before
				? sql`and (j.created_at, j.id) < (select c.created_at, c.id from jobs c where c.id = ${before} and c.tenant_id = ${tenantId})`
				: sql``;
			const rows = await database.query<TrainingRow>(sql`select ${columns} from trainings t join jobs j on j.id = t.id
				where t.tenant_id = ${tenantId} ${after} order by j.created_at desc, j.id desc limit ${limit + 1}`);
			const trainings = await withJobs(tenantId, rows.slice(0, limit));
			return { trainings, next: rows.length > limit ? (rows[limit - 1]?.id ?? null) : null };
		},
		loras: (tenantId, names) =>
			database.query<OwnLora>(sql`select name, family, file->>'sha256' as sha256 from trainings
				where tenant_id = ${tenantId} and name = any(${[...names]}::text[]) and not over and file is not null`),
	};
}
