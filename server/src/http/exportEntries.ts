import type { Job } from "../domain/jobs/job.ts";
import type { Principal } from "../domain/plans/operatorConfig.ts";
import { fileExtensions, type MediaType } from "../domain/ports.ts";
import { type OwnedKind, ownedKinds } from "../domain/storage/accountRows.ts";
import { pictureOf } from "./pictureOf.ts";
import type { HttpPorts } from "./ports.ts";
import { presentJob } from "./presentJob.ts";
import type { ZipEntry } from "./zipStream.ts";

/** Rows that are read at once. */
const pageSize = 50;

const readme = `Everything this account owns.

jobs.jsonl       one job a line, with its recipe, price and bill, as GET /api/v1/jobs/{id} tells it
pictures/        JOB/N.png, and JOB/N-original.png: before face restoration and upscaling
assets.jsonl     uploaded pictures; assets/ has their bytes
workflows.jsonl  every version of every workflow
boards.jsonl     boards, with the pictures on them
ledger.jsonl     every entry; amounts of unit usd are micro-dollars
trainings.jsonl  LoRA trainings; loras/NAME.safetensors is what came of them, trainings/ID/N.png their samples
keys.jsonl       API keys, without their secrets
errors.jsonl     pictures that could not be read, and why
`;

/** Everything a tenant owns, as files. Pictures that are deleted meanwhile are left out and named in errors.jsonl. */
export async function* exportEntries(ports: HttpPorts, { tenantId, plan }: Principal): AsyncGenerator<ZipEntry> {
	const modifiedAt = new Date();
	const text = (name: string, content: ZipEntry["content"]): ZipEntry => ({ name, modifiedAt, content });
	const errors: object[] = [];
	yield text("README.txt", readme);
	yield text("account.json", `${JSON.stringify({ tenant_id: tenantId, plan, exported_at: modifiedAt.toISOString() })}\n`);
	yield text("jobs.jsonl", lines(presentedJobs(ports, tenantId)));
	for (const kind of ownedKinds) yield text(`${kind}.jsonl`, lines(ownedRows(ports, tenantId, kind)));
	for await (const { name, sha256, at } of pictures(ports, tenantId)) {
		try {
			yield { name, modifiedAt: at, content: await ports.blobs.stream(tenantId, sha256) };
		} catch (error) {
			errors.push({ file: name, error: error instanceof Error ? error.message : "It could not be read." });
		}
	}
	yield text("errors.jsonl", errors.map((error) => `${JSON.stringify(error)}\n`).join(""));
}

async function* lines(values: AsyncIterable<object>): AsyncGenerator<string> {
	for await (const value of values) yield `${JSON.stringify(value)}\n`;
}

async function* allJobs(ports: HttpPorts, tenantId: string): AsyncGenerator<Job> {
	for (let before: string | null = null, isEnd = false; !isEnd; isEnd = before === null) {
		const page = await ports.jobs.list(tenantId, { limit: pageSize, before, status: null });
		yield* page.jobs;
		before = page.next;
	}
}

async function* presentedJobs(ports: HttpPorts, tenantId: string): AsyncGenerator<object> {
	for await (const job of allJobs(ports, tenantId)) yield presentJob(ports, job, null);
}

async function* ownedRows({ accountRows }: HttpPorts, tenantId: string, kind: OwnedKind): AsyncGenerator<object> {
	for (let after: string | null = null, isEnd = false; !isEnd; isEnd = after === null) {
		const page = await accountRows.read(tenantId, kind, after, pageSize);
		yield* page.rows;
		after = page.next;
	}
}

interface TrainingRow {
	id: string;
	name: string;
	file: { sha256: string } | null;
	samples: Record<string, { sha256: string; mediaType: MediaType }>;
	created_at: string;
}

interface StoredPicture {
	name: string;
	sha256: string;
	at: Date;
}

async function* pictures(ports: HttpPorts, tenantId: string): AsyncGenerator<StoredPicture> {
	for await (const job of allJobs(ports, tenantId)) {
		const workflow = await ports.workflows.exactly(job.workflow, job.workflowVersion);
		for (const run of job.runs)
			for (const variant of ["result", "original"] as const) {
				const found = pictureOf(workflow, job, run, variant);
				if (!found || (variant === "result" && run.status !== "succeeded")) continue;
				const name = `pictures/${job.id}/${run.index}${variant === "original" ? "-original" : ""}.${fileExtensions[found.mediaType]}`;
				yield { name, sha256: found.sha256, at: job.finishedAt ?? job.createdAt };
			}
	}
	for await (const row of ownedRows(ports, tenantId, "assets")) {
		const { id, picture, created_at } = row as { id: string; picture: { sha256: string; mediaType: MediaType }; created_at: string };
		yield { name: `assets/${id}.${fileExtensions[picture.mediaType]}`, sha256: picture.sha256, at: new Date(created_at) };
	}
	yield* trained(ports, tenantId);
}

async function* trained(ports: HttpPorts, tenantId: string): AsyncGenerator<StoredPicture> {
	for await (const row of ownedRows(ports, tenantId, "trainings")) {
		const { id, name, file, samples, created_at } = row as unknown as TrainingRow;
		const at = new Date(created_at);
		if (file) yield { name: `loras/${name}.safetensors`, sha256: file.sha256, at };
		for (const [role, { sha256, mediaType }] of Object.entries(samples))
			yield { name: `trainings/${id}/${role.replace("sample_", "")}.${fileExtensions[mediaType]}`, sha256, at };
	}
}
