import type { Batch } from "../../domain/batches/batch.ts";
import type { Progress } from "../../domain/batches/batchStore.ts";
import type { HttpPorts } from "../ports.ts";
import { signLink } from "../sign.ts";
import { batchPath } from "./presentBatch.ts";

const linkTtlMs = 7 * 24 * 3_600_000;

/** What became of a batch, for whoever wanted it mailed. Null: it was cancelled before any picture was there. */
export function composeBatchMail(
	{ config, signingKey }: Pick<HttpPorts, "config" | "signingKey">,
	batch: Batch,
	{ counts, pictures }: Progress,
): { subject: string; text: string } | null {
	if (pictures === 0 && batch.state === "cancelled") return null;
	const failed = (counts.failed ?? 0) + (counts.partial ?? 0);
	const subject = pictures === 0 ? "Your batch could not be made" : `${pictures} of your ${batch.pictures} pictures are ready`;
	const link = config.publicUrl() + signLink(signingKey, batchPath(batch.id, "/zip"), { tenant: batch.tenantId }, linkTtlMs);
	const until = new Date(Date.now() + linkTtlMs).toISOString().slice(0, 10);
	const paragraphs = [
		`${subject}.`,
		...(failed > 0 ? [`${failed} of ${batch.items} items failed, in whole or in part; errors.json in the ZIP says why.`] : []),
		...(pictures > 0 ? [`All of them as one ZIP: ${link}\n\nThe link works until ${until}, for whoever has it.`] : []),
		`Batch ${batch.id}`,
	];
	return { subject, text: `${paragraphs.join("\n\n")}\n` };
}
