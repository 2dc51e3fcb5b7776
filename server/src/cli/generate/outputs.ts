import { randomBytes } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";
import { CliFailure } from "../failure.ts";

/** One file per picture: `a.png`, or `a-1.png`, `a-2.png` ... when there are several. */
export function outputNames(out: string, count: number): string[] {
	if (count === 1) return [out];
	const { dir, name, ext } = path.parse(out);
	return Array.from({ length: count }, (_, index) => path.join(dir, `${name}-${index + 1}${ext}`));
}

/** Finds out before anything is queued or charged whether the files can be written. @throws {CliFailure} */
export async function checkWritable(files: readonly string[]): Promise<void> {
	for (const file of files) {
		const existing = await fs.stat(file).catch(() => null);
		if (existing && !existing.isFile()) throw new CliFailure(`${file} exists and is not a file.`);
	}
	// Only a try tells: permissions lie for root, read-only and full file systems.
	const probe = temporaryBeside(files[0] ?? "");
	try {
		await fs.writeFile(probe, "", { flag: "wx" });
	} catch (error) {
		throw new CliFailure(`cannot write ${files[0]}: ${reasonOf(error)}.`);
	} finally {
		await fs.rm(probe, { force: true }).catch(() => {});
	}
}

/** The file is the whole picture or is as it was before. @throws {CliFailure} */
export async function writeAtomically(file: string, bytes: Uint8Array): Promise<void> {
	const temporary = temporaryBeside(file);
	try {
		await fs.writeFile(temporary, bytes, { flag: "wx" });
		await fs.rename(temporary, file);
	} catch (error) {
		await fs.rm(temporary, { force: true }).catch(() => {});
		throw new CliFailure(`cannot write ${file}: ${reasonOf(error)}.`);
	}
}

function temporaryBeside(file: string): string {
	return path.join(path.dirname(file), `.${path.basename(file).slice(0, 100)}.${randomBytes(6).toString("hex")}`);
}

function reasonOf(error: unknown): string {
	const code = error instanceof Error && "code" in error ? error.code : null;
	if (code === "ENOENT") return "its folder does not exist";
	if (code === "EACCES" || code === "EPERM" || code === "EROFS") return "no permission";
	if (code === "ENOSPC") return "the disk is full";
	return error instanceof Error ? error.message : String(error);
}
