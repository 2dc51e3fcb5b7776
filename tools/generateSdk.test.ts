import fs from "node:fs";
import { expect, test } from "vitest";
import { describeSdk, documentFile, typesFile } from "./generateSdk.ts";

test("the SDK speaks exactly the API the server serves", async () => {
	const { document, types } = await describeSdk();
	const remedy = "run `npm run generate:sdk`";
	expect(fs.readFileSync(documentFile, "utf8") === document, `sdk/openapi.json is out of date: ${remedy}`).toBe(true);
	expect(fs.readFileSync(typesFile, "utf8") === types, `sdk/src/openapi.gen.ts is out of date: ${remedy}`).toBe(true);
});
