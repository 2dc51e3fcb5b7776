import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { neededResources } from "./neededResources.ts";

test("a test file needs what it or anything it imports asks for, and nothing else", async () => {
	const folder = await fs.mkdtemp(path.join(os.tmpdir(), "glassworks-needs-"));
	const write = (name: string, text: string) => fs.writeFile(path.join(folder, name), text);
	await write("unit.test.ts", 'import "./plain.ts";\nimport "./gone.ts";\n');
	await write("plain.ts", 'import "./unit.test.ts";\nexport const a = 1;\n');
	await write("journey.test.ts", 'import {\n\tdatabase,\n} from "./support.ts";\nconst x = await import("./browser.tsx");\n');
	await write("support.ts", 'export * from "./plain.ts";\nexport const database = process.env.TEST_DATABASE_URL;\n');
	await write("browser.tsx", "export const browser = process.env.TEST_CHROMIUM;\n");
	expect([...neededResources(path.join(folder, "unit.test.ts"))]).toEqual([]);
	expect([...neededResources(path.join(folder, "journey.test.ts"))].sort()).toEqual(["TEST_CHROMIUM", "TEST_DATABASE_URL"]);
	await fs.rm(folder, { recursive: true });
});
