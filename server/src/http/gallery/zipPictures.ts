import type { PictureName } from "../../domain/gallery/gallery.ts";
import type { Job } from "../../domain/jobs/job.ts";
import { recipeOf } from "../../domain/jobs/recipe.ts";
import { fileExtensions } from "../../domain/ports.ts";
import { endedSteps, pictureOf } from "../pictureOf.ts";
import type { HttpPorts } from "../ports.ts";
import { readSteadily } from "../readSteadily.ts";
import { slugOf } from "../slugOf.ts";
import { type OpenFiles, streamZip, type ZipFile } from "../streamZip.ts";
import { promptOf } from "./presentGallery.ts";

/** Jobs looked up at once: what is kept of them is gone before the next are. */
const page = 25;

/** Chosen pictures, in the order they were named, with manifest.json (their recipes) and errors.json (what could not be read). */
export const zipPictures = (ports: HttpPorts, tenantId: string, pictures: readonly PictureName[]): AsyncGenerator<Uint8Array> =>
	streamZip((open) => filesOf(ports, tenantId, pictures, open));

async function* filesOf(ports: HttpPorts, tenantId: string, pictures: readonly PictureName[], open: OpenFiles): AsyncGenerator<ZipFile> {
	const files: object[] = [];
	const errors: object[] = [];
	let place = 0;
	for await (const { picture, job } of jobsOf(ports, tenantId, pictures)) {
		place += 1;
		const entry = job && (await findFile(ports, job, picture, place));
		const file = entry && (await readSteadily(ports.blobs, tenantId, entry.blob).catch(() => null));
		if (!file) {
			errors.push({ job_id: picture.jobId, n: picture.n, message: "It was deleted meanwhile, or could not be read." });
			continue;
		}
		open.splice(0, open.length, file);
		files.push(entry.about);
		yield { name: entry.name, input: file.bytes, lastModified: job?.finishedAt ?? new Date() };
		if (file.broke())
			errors.push({ job_id: picture.jobId, n: picture.n, message: `It could be read in part only; ${entry.name} is cut off.` });
	}
	const lastModified = new Date();
	yield { name: "manifest.json", input: new TextEncoder().encode(`${JSON.stringify({ files }, null, "\t")}\n`), lastModified };
	yield { name: "errors.json", input: new TextEncoder().encode(`${JSON.stringify(errors, null, "\t")}\n`), lastModified };
}

async function* jobsOf({ jobs }: HttpPorts, tenantId: string, pictures: readonly PictureName[]) {
	for (let start = 0; start < pictures.length; start += page) {
		const some = pictures.slice(start, start + page);
		const found = new Map((await jobs.getMany(tenantId, [...new Set(some.map(({ jobId }) => jobId))])).map((job) => [job.id, job]));
		for (const picture of some) yield { picture, job: found.get(picture.jobId) ?? null };
	}
}

async function findFile({ workflows }: HttpPorts, job: Job, { n }: PictureName, place: number) {
	const workflow = await workflows.exactly(job.workflow, job.workflowVersion);
	const run = job.runs.find(({ index }) => index === n);
	const blob = run && pictureOf(workflow, job, run, "result");
	if (!blob) return null;
	const name = `${String(place).padStart(3, "0")}-${slugOf(promptOf(job))}.${fileExtensions[blob.mediaType]}`;
	const recipe = recipeOf(job.request, workflow?.slug ?? job.workflow, job.workflowVersion, run.seed, endedSteps(run));
	return { blob, name, about: { file: name, job_id: job.id, n, seed: run.seed, recipe } };
}
