/** A server in a process of its own, ended and stopped by signals, as no server ends itself. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { createComfyEngine } from "../../../src/engines/comfyui/engine.ts";
import { createPictureGate } from "../../../src/pictures/gate.ts";
import { eventually, graphStep, resultOf, runStep } from "./harness.ts";
import { recordedRun } from "./replay/recordedRun.ts";

vi.setConfig({ testTimeout: 120_000 });

const picture = recordedRun("01-txt2img-legacy-preview");
const pictures = createPictureGate();
const ending: (() => unknown)[] = [];
afterEach(async () => {
	for (const end of ending.splice(0)) await end();
});
afterAll(() => pictures.close());

interface Server {
	url: string;
	process: ChildProcess;
	/** Resolves when a run holds. */
	held: Promise<void>;
}

async function startProcess(how: "hold" | "", port = "0"): Promise<Server> {
	const child = spawn(process.execPath, [fileURLToPath(new URL("./replayProcess.ts", import.meta.url)), port, how], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	ending.push(() => child.kill("SIGKILL"));
	const [listening, holding] = [Promise.withResolvers<string>(), Promise.withResolvers<void>()];
	createInterface({ input: child.stdout }).on("line", (line) => {
		if (line.startsWith("url ")) listening.resolve(line.slice(4));
		if (line === "holds") holding.resolve();
	});
	return { url: await listening.promise, process: child, held: holding.promise };
}

/** Waits as in use, but for how long a server may be unreachable: seconds, so that a busy machine is not taken for a dead one. */
function openEngine(url: string) {
	const timings = {
		requestMs: 2_000,
		unreachableMs: 4_000,
		blindLookMs: 50,
		lookMs: 100,
		stopGraceMs: 4_000,
		stopRepeatMs: 100,
		pingMs: 1_000,
	};
	const engine = createComfyEngine({ url, log: { info() {}, warn() {}, error() {} }, pictures, timings });
	ending.push(() => engine.close());
	return { engine } as Parameters<typeof runStep>[0];
}

test("killed with -9 in the middle of a picture and started again: the step fails as lost, and the next one runs", async () => {
	const first = await startProcess("hold");
	const scene = openEngine(first.url);
	const running = runStep(scene, graphStep(picture));
	await first.held;
	first.process.kill("SIGKILL");
	await once(first.process, "exit");
	await startProcess("", new URL(first.url).port);
	expect((await running).error?.code).toBe("engine_down");
	expect(resultOf(await runStep(scene, graphStep(picture)))).toBe("1 pictures");
});

test("stopped, so that connections stay open and nothing answers: the step fails, the engine offers nothing, and serves again once it goes on", async () => {
	const server = await startProcess("hold");
	const scene = openEngine(server.url);
	const running = runStep(scene, graphStep(picture));
	await server.held;
	server.process.kill("SIGSTOP");
	ending.push(() => server.process.kill("SIGCONT"));
	expect((await running).error).toMatchObject({ code: "engine_down", message: "The engine could not be reached." });
	await expect(scene.engine.capabilities()).rejects.toMatchObject({ code: "engine_down" });
	server.process.kill("SIGCONT");
	await eventually(() =>
		scene.engine.capabilities().then(
			({ length }) => length > 0,
			() => false,
		),
	).toBe(true);
	// What was left behind still holds it: that is stopped first.
	expect(resultOf(await runStep(scene, graphStep(picture)))).toBe("1 pictures");
});
