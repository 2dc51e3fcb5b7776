import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** What a finished pull leaves beside the files: `<dataModelsDir>/<name>/installed.json`, written last. */
const receiptSchema = z.object({
	name: z.string(),
	licence: z.string(),
	/** The file that was fetched, before any conversion. */
	source: z.object({ file: z.string(), sha256: z.string() }),
	/** `path` is relative to the folder of pulled models. */
	files: z.array(z.object({ path: z.string(), bytes: z.int(), sha256: z.string() })),
});
export type Receipt = z.infer<typeof receiptSchema>;

const receiptFile = "installed.json";

/** Null when the model was never pulled to its end, or the receipt cannot be read. */
export async function readReceipt(dataModelsDir: string, name: string): Promise<Receipt | null> {
	try {
		return receiptSchema.parse(JSON.parse(await readFile(join(dataModelsDir, name, receiptFile), "utf8")));
	} catch {
		return null;
	}
}

export async function writeReceipt(dataModelsDir: string, receipt: Receipt): Promise<void> {
	const path = join(dataModelsDir, receipt.name, receiptFile);
	await writeFile(`${path}.part`, `${JSON.stringify(receipt, null, "\t")}\n`);
	await rename(`${path}.part`, path);
}
