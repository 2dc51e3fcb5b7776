import type { ImageRun, Job } from "../domain/jobs/job.ts";
import { fileExtensions, type MailAttachment } from "../domain/ports.ts";
import { imageLink } from "./links.ts";
import { pictureOf } from "./pictureOf.ts";
import type { HttpPorts } from "./ports.ts";

type ComposePorts = Pick<HttpPorts, "config" | "signingKey" | "workflows" | "blobs" | "pictures">;

const linkTtlMs = 7 * 24 * 3_600_000;
/** What mail servers take without complaint, and mail programs show without delay. */
const most = { attachments: 10, attachedBytes: 4 * 1_048_576, sidePx: 768 };

/** What became of a job, for whoever wanted it mailed: links, and small copies of the first pictures. Null: it was cancelled before any was there. */
export async function composeResultMail(
	ports: ComposePorts,
	job: Job,
): Promise<{ subject: string; text: string; attachments: MailAttachment[] } | null> {
	const ready = job.runs.filter((run) => run.status === "succeeded").toSorted((a, b) => a.index - b.index);
	if (ready.length === 0 && job.status === "cancelled") return null;
	const config = { ...ports.config, limits: { ...ports.config.limits, linkTtlMs } };
	const link = (run: ImageRun) => imageLink({ config, signingKey: ports.signingKey }, job.tenantId, job.id, run.index, "result");
	const until = new Date(Date.now() + linkTtlMs).toISOString().slice(0, 10);
	const paragraphs = [
		`${describe(job, ready.length)}.`,
		ready.map((run) => `Picture ${run.index + 1}: ${link(run)}`).join("\n"),
		...(ready.length > 0 ? [`The links work until ${until}, for whoever has them. What is attached are small copies.`] : []),
		...(job.error ? [`What went wrong: ${job.error.message}`] : []),
		`Job ${job.id}`,
	];
	const attachments = await attach(ports, job, ready);
	return { subject: describe(job, ready.length), text: `${paragraphs.filter((text) => text !== "").join("\n\n")}\n`, attachments };
}

function describe({ runs }: Job, ready: number): string {
	if (ready === 0) return runs.length === 1 ? "Your picture could not be made" : "Your pictures could not be made";
	if (ready < runs.length) return `${ready} of your ${runs.length} pictures ${ready === 1 ? "is" : "are"} ready`;
	return ready === 1 ? "Your picture is ready" : `Your ${ready} pictures are ready`;
}

/** As many of the first pictures as fit. One whose bytes are gone is left out: its link says so. */
async function attach(ports: ComposePorts, job: Job, ready: readonly ImageRun[]): Promise<MailAttachment[]> {
	const workflow = await ports.workflows.exactly(job.workflow, job.workflowVersion);
	const attached: MailAttachment[] = [];
	let left = most.attachedBytes;
	for (const run of ready.slice(0, most.attachments)) {
		const blob = pictureOf(workflow, job, run, "result");
		const bytes = blob && (await ports.blobs.get(job.tenantId, blob.sha256).catch(() => null));
		if (!bytes) continue;
		const small = await ports.pictures.encode(bytes, { format: "jpeg", quality: 85, maxSidePx: most.sidePx });
		left -= small.bytes.byteLength;
		if (left < 0) break;
		const filename = `picture-${run.index + 1}.${fileExtensions[small.mediaType]}`;
		attached.push({ filename, content: small.bytes, contentType: small.mediaType });
	}
	return attached;
}
