#!/usr/bin/env node
// The `glassworks` command. Plain JavaScript that runs on Node 20: it only finds Node 24 and starts the program there.
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { launchOnNode24 } from "./launchOnNode24.js";

// A checkout runs its sources; a published package has only what was built from them.
const source = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const built = fileURLToPath(new URL("../dist/main.js", import.meta.url));
launchOnNode24(fs.existsSync(source) ? source : built, process.argv.slice(2));
