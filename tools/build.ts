// `npm run build`: makes what a checkout cannot run from source, which is the studio. The server runs its TypeScript directly.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
if (fs.existsSync(path.join(root, "web/index.html"))) {
	const vite = spawnSync(process.execPath, [path.join(root, "node_modules/vite/bin/vite.js"), "build", "web"], {
		cwd: root,
		stdio: ["ignore", "inherit", "inherit"],
	});
	process.exit(vite.status ?? 1);
}
console.log("Nothing to build: the server runs from its sources.");
