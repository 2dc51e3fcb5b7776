import fs from "node:fs";
import path from "node:path";
import { cruise, type ICruiseResult, type IModule } from "dependency-cruiser";
import ts from "typescript";
import { cruiseOptions, importRules } from "./importRules.ts";
import { codeFolders, sourceFiles } from "./sourceFiles.ts";

export interface ImportReport {
	seen: number;
	/** One line per broken rule or per file the cruise was blind to. */
	problems: string[];
}

/** Checks the rules of importRules.ts below `root`, and that the cruise really saw every source file and its imports. */
export async function checkImports(root: string): Promise<ImportReport> {
	const folders = codeFolders.filter((folder) => fs.existsSync(path.join(root, folder)));
	const { output } = await cruise(folders, { ...cruiseOptions, baseDir: root, validate: true, ruleSet: { forbidden: importRules } });
	if (typeof output === "string") throw new Error(`dependency-cruiser answered with text: ${output}`);
	const files = sourceFiles(root);
	return { seen: files.length, problems: [...describeViolations(output), ...findBlindSpots(root, files, output.modules)] };
}

function describeViolations({ summary }: ICruiseResult): string[] {
	return summary.violations.map(({ rule, from, to, cycle }) =>
		cycle ? `${rule.name}: ${[from, ...cycle.map((step) => step.name)].join(" -> ")}` : `${rule.name}: ${from} -> ${to}`,
	);
}

/** A cruise that cannot parse a file reports no violation for it: so compare with what TypeScript itself finds in the text. */
function findBlindSpots(root: string, files: string[], modules: IModule[]): string[] {
	const seen = new Map(modules.map((module) => [module.source, module]));
	return files.flatMap((file) => {
		const module = seen.get(file);
		if (!module) return [`not seen by the import check: ${file}`];
		const written = ts
			.preProcessFile(fs.readFileSync(path.join(root, file), "utf8"), true, true)
			.importedFiles.map((each) => each.fileName);
		const found = new Set(module.dependencies.map((dependency) => dependency.module));
		return written
			.filter((name) => name.startsWith(".") && !found.has(name))
			.map((name) => `import not seen by the import check: ${file} -> ${name}`);
	});
}
