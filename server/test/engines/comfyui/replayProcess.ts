/** A replay server as a process of its own, to be killed: says where it listens, and when its first prompt holds. Arguments: port, "hold" or "". */
import { recordedRun } from "./replay/recordedRun.ts";
import { before } from "./replay/script.ts";
import { startReplayServer } from "./replay/startReplayServer.ts";

const [port = "0", how = ""] = process.argv.slice(2);
let runs = 0;
const server = await startReplayServer({
	runs: [recordedRun("01-txt2img-legacy-preview")],
	port: Number(port),
	script: (steps) => (how === "hold" && runs++ === 0 ? before("executed", { do: "hold" })(steps) : steps),
});
console.log(`url ${server.url}`);
void server.reached("hold").then(() => console.log("holds"));
