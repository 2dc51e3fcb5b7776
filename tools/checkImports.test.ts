import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkImports } from "./checkImports.ts";

let root: string;
beforeEach(async () => {
	root = await fs.mkdtemp(path.join(os.tmpdir(), "glassworks-imports-"));
});
afterEach(() => fs.rm(root, { recursive: true, force: true }));

async function write(files: Record<string, string>): Promise<void> {
	for (const [name, text] of Object.entries(files)) {
		await fs.mkdir(path.dirname(path.join(root, name)), { recursive: true });
		await fs.writeFile(path.join(root, name), text);
	}
}

/** Leaf files that every case may import; none of them breaks a rule. */
const leaves = [
	"server/src/app.ts",
	"server/src/config.ts",
	"server/src/contract/job.ts",
	"server/src/domain/job.ts",
	"server/src/engines/comfyui/engine.ts",
	"server/src/engines/local/engine.ts",
	"server/src/http/jobs.ts",
	"server/src/pictures/gate.ts",
	"server/src/store/sql.ts",
	"server/src/worker/loop.ts",
	"server/test/support.ts",
	"sdk/src/client.ts",
	"web/src/api.ts",
];

const broken: [file: string, imports: string, rule: string][] = [
	["server/src/domain/x.ts", "../store/sql.ts", "domain-is-pure"],
	["server/src/domain/x.ts", "node:fs", "domain-is-pure"],
	["server/src/contract/x.ts", "../http/jobs.ts", "contract"],
	["server/src/engines/comfyui/x.ts", "../local/engine.ts", "engines"],
	["server/src/engines/local/x.ts", "../../contract/job.ts", "engines"],
	["server/src/store/x.ts", "../worker/loop.ts", "parts"],
	["server/src/worker/x.ts", "../config.ts", "worker"],
	["server/src/worker/x.ts", "../store/sql.ts", "worker"],
	["server/src/pictures/x.ts", "../contract/job.ts", "parts"],
	["server/src/fetching/x.ts", "../pictures/gate.ts", "parts"],
	["server/src/models/x.ts", "../engines/local/engine.ts", "parts"],
	["server/src/http/x.ts", "../store/sql.ts", "http"],
	["server/src/dialects/fal/x.ts", "../../http/jobs.ts", "dialects"],
	["server/src/http/x.ts", "../app.ts", "only-main-and-tests-import-app"],
	["server/src/x.ts", "../test/support.ts", "server-stands-alone"],
	["server/src/http/x.ts", "../../../sdk/src/client.ts", "only-the-command-line-uses-the-sdk"],
	["server/src/x.ts", "../../web/src/api.ts", "server-stands-alone"],
	["sdk/src/x.ts", "../../server/src/contract/job.ts", "sdk-has-no-dependencies"],
	["sdk/src/x.ts", "node:fs", "sdk-has-no-dependencies"],
	["web/src/x.ts", "../../server/src/contract/job.ts", "web-through-the-sdk"],
	["server/src/x.ts", "./missing.ts", "resolvable"],
];

test.each(broken)("%s may not import %s", async (file, imports, rule) => {
	await write({ ...Object.fromEntries(leaves.map((leaf) => [leaf, "export const x = 1;\n"])), [file]: `import "${imports}";\n` });
	const { problems } = await checkImports(root);
	expect(problems.filter((problem) => problem.startsWith(`${rule}: ${file}`))).toHaveLength(1);
});

test("types count as imports, so a type cannot smuggle a store into the domain", async () => {
	await write({
		"server/src/store/sql.ts": "export type Sql = string;\n",
		"server/src/domain/x.ts": 'import type { Sql } from "../store/sql.ts";\nexport type X = Sql;\n',
	});
	expect((await checkImports(root)).problems).toEqual(["domain-is-pure: server/src/domain/x.ts -> server/src/store/sql.ts"]);
});

test("files that need each other at run time are reported as a circle", async () => {
	await write({
		"server/src/domain/a.ts": 'import { b } from "./b.ts";\nexport const a = () => b;\n',
		"server/src/domain/b.ts": 'import { a } from "./a.ts";\nexport const b = () => a;\n',
	});
	expect((await checkImports(root)).problems.join("\n")).toContain("no-circular: ");
});

test("what the architecture allows passes, and every file is counted as seen", async () => {
	await write({
		...Object.fromEntries(leaves.map((leaf) => [leaf, "export const x = 1;\n"])),
		"server/src/app.ts": 'import "./config.ts";\nimport "./http/jobs.ts";\nimport "./store/sql.ts";\nimport "./engines/local/engine.ts";\n',
		"server/src/main.ts": 'import "./app.ts";\n',
		"server/test/journey.test.ts": 'import "../src/app.ts";\nimport "node:fs";\n',
		"server/src/cli/generate.ts": 'import "../../../sdk/src/client.ts";\nimport "../config.ts";\n',
		"server/src/worker/x.ts": 'import "../contract/job.ts";\nimport "./loop.ts";\n',
		"server/src/domain/a.ts": 'import type { B } from "./b.ts";\nexport type A = B[];\n',
		"server/src/domain/b.ts": 'import type { A } from "./a.ts";\nexport type B = { a: A };\n',
		"server/src/http/x.ts": 'import "../domain/job.ts";\nimport "../contract/job.ts";\nimport "./jobs.ts";\n',
		"server/src/store/x.ts": 'import "node:fs";\nimport "./sql.ts";\nimport "../domain/job.ts";\n',
		"server/src/domain/x.test.ts": 'import "node:fs";\n',
		"web/src/page.tsx": 'import "./api.ts";\n',
	});
	const { problems, seen } = await checkImports(root);
	expect(problems).toEqual([]);
	expect(seen).toBe(leaves.length + 10);
});

test("a file that cannot be parsed is reported instead of passing unseen", async () => {
	await write({
		"server/src/store/sql.ts": "export const sql = 1;\n",
		"server/src/domain/x.ts": '}}} {{ "\nimport { sql } from "../store/sql.ts";\nconst = ;\n',
	});
	expect((await checkImports(root)).problems.join("\n")).toContain("server/src/domain/x.ts");
});
