// Writes docs/errors.md from the table in server/src/domain/errors.ts: `npm run generate:errors`. A test keeps the two equal.
import fs from "node:fs";
import path from "node:path";
import { type ErrorCode, errorTable, isRetryable } from "../server/src/domain/errors.ts";

export const errorsFile = path.resolve(import.meta.dirname, "../docs/errors.md");

const introduction = `# Errors

<!-- Generated from server/src/domain/errors.ts by \`npm run generate:errors\`. -->

Every error has a stable code. Programs should decide by the code; the message is for people and may change.
"Retried" says whether the platform tries a failed step again by itself before it reports the error.

| code | status | meaning and what to do | retried |
|---|---|---|---|
`;

/** The whole text of docs/errors.md. */
export function describeErrors(): string {
	const rows = Object.entries(errorTable).map(([code, [status, meaning]]) => {
		return `| \`${code}\` | ${status} | ${meaning.replaceAll("|", "\\|")} | ${isRetryable(code as ErrorCode) ? "yes" : ""} |\n`;
	});
	return introduction + rows.join("");
}

if (process.argv[1] && path.resolve(process.argv[1]) === import.meta.filename) fs.writeFileSync(errorsFile, describeErrors());
