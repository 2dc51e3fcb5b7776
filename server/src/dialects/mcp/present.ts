import type { CallToolResult, ContentBlock } from "@modelcontextprotocol/sdk/types.js";
import type { Caller } from "../../contract/door.ts";
import type { JobBody } from "../../contract/job.ts";
import type { GlassworksError } from "../../domain/errors.ts";
import { money, priceText, waitingText } from "../common/describeJob.ts";
import { failureOf, hasEnded } from "../common/watchJob.ts";

/** Larger ones come as links only. */
const maxInlineBytes = 2 * 1_048_576;

/** A job in words, its pictures as pictures and as links, and all of it for programs. */
export async function presentJob(caller: Caller, job: JobBody): Promise<CallToolResult> {
	const content: ContentBlock[] = [{ type: "text", text: describe(job) }];
	for (const { n, status, url, bytes, media_type: mimeType } of job.images) {
		if (status !== "succeeded" || !url || !mimeType) continue;
		if ((bytes ?? 0) <= maxInlineBytes) {
			const picture = await caller.picture(job.id, n);
			content.push({ type: "image", data: Buffer.from(picture.bytes).toString("base64"), mimeType });
		}
		content.push({ type: "resource_link", uri: url, name: `${job.id}-${n}`, title: `Picture ${n}`, mimeType });
	}
	const failed = hasEnded(job) && failureOf(job) !== null;
	return { content, structuredContent: job as unknown as Record<string, unknown>, ...(failed && { isError: true }) };
}

function describe(job: JobBody): string {
	const { id, status, waiting, bill } = job;
	const place = waiting ? ` ${waitingText(waiting)}.` : "";
	const failure = hasEnded(job) ? failureOf(job) : null;
	const price = bill.final ? `Charged ${money(bill.total_micro_usd)}.` : `Price: ${priceText(job)}.`;
	return `Job ${id}: ${status}.${place} ${price}${failure ? ` ${failure.message}` : ""}`;
}

/** What was wrong and what would be right, for the model to mend. */
export function presentRefusal(error: GlassworksError): CallToolResult {
	const fields = error.fields.map(({ path, message }) => `${path.join(".")}: ${message}`);
	const text = [error.message, ...fields.filter((line) => !error.message.includes(line))].join("\n");
	const errors = error.fields.map(({ path, message }) => ({ path, message }));
	return {
		isError: true,
		content: [{ type: "text", text: `${text} (${error.code})` }],
		structuredContent: { ...error.data, code: error.code, detail: error.message, errors },
	};
}
