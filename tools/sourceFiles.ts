import fs from "node:fs";
import path from "node:path";

const skippedFolders = new Set(["node_modules", "dist", "generated", "fixtures", "data"]);

/** Folders that hold our TypeScript; those that do not exist yet are passed over. */
export const codeFolders = ["server", "web", "sdk", "n8n", "tools", "bench"];

/** Every hand-written TypeScript file below `folders`, relative to `root`, with forward slashes, sorted. Generated files (`*.gen.ts`, `*.d.ts`) are left out. */
export function sourceFiles(root: string, folders: string[] = codeFolders): string[] {
	return folders
		.filter((folder) => fs.existsSync(path.join(root, folder)))
		.flatMap((folder) => filesBelow(root, folder))
		.sort();
}

function filesBelow(root: string, folder: string): string[] {
	return fs.readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
		const file = `${folder}/${entry.name}`;
		if (entry.isDirectory()) return skippedFolders.has(entry.name) || entry.name.startsWith(".") ? [] : filesBelow(root, file);
		return /\.tsx?$/.test(file) && !/\.(gen|d)\.tsx?$/.test(file) ? [file] : [];
	});
}
