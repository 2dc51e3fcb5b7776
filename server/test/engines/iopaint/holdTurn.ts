// Another worker process: `node holdTurn.ts <url> <lock folder> [begin]` takes the turn, says "held" and keeps it until it is killed.
import { createMachineLock } from "../../../src/engines/iopaint/machineLock.ts";

const [url = "", dir = "", begin] = process.argv.slice(2);
const turn = await createMachineLock(url, dir, 5).take(new AbortController().signal);
if (begin) turn.begin();
process.stdout.write("held\n");
setInterval(() => {}, 60_000);
