import fs from "node:fs/promises";
import { expect, test } from "vitest";
import { errorTable } from "../server/src/domain/errors.ts";
import { describeErrors, errorsFile } from "./generateErrors.ts";

test("docs/errors.md lists exactly the errors a caller can meet (npm run generate:errors)", async () => {
	const written = await fs.readFile(errorsFile, "utf8");
	expect(written).toBe(describeErrors());
	expect([...written.matchAll(/^\| `(\w+)` \| (\d{3}) \|/gm)].map(([, code, status]) => [code, Number(status)])).toEqual(
		Object.entries(errorTable).map(([code, [status]]) => [code, status]),
	);
});
