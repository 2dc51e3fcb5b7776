import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";
import { createMachineLock } from "../../../src/engines/iopaint/machineLock.ts";
import { context, inpaintRequest, openWorkbench, usualScript } from "./workbench.ts";

const { serve, connect, lockDir } = openWorkbench();
const route = "POST /api/v1/inpaint";
const children: ChildProcess[] = [];

afterEach(() => {
	for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** Another process that has the turn at this address. */
async function otherProcess(url: string, ...args: string[]): Promise<ChildProcess> {
	const child = spawn(process.execPath, [fileURLToPath(new URL("./holdTurn.ts", import.meta.url)), url, lockDir, ...args], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	children.push(child);
	await once(child.stdout, "data");
	return child;
}

async function kill(child: ChildProcess): Promise<void> {
	const ended = once(child, "exit");
	child.kill("SIGKILL");
	await ended;
}

/** A script whose inpaint answers wait for `open`. */
function gatedScript() {
	const gate = Promise.withResolvers<void>();
	const usual = usualScript();
	const script: typeof usual = async (request, before) => {
		if (request.route === route) await gate.promise;
		return usual(request, before);
	};
	return { script, open: gate.resolve };
}

it("two steps on one IOPaint run one after the other, however many engines of this process ask", async () => {
	const { script, open } = gatedScript();
	const { server, engine } = await serve(script);
	// The same machine, spelled otherwise.
	const other = connect(server.url.replace("127.0.0.1", "localhost"));
	const first = engine.run(await inpaintRequest("iopaint-cv2"), context());
	await server.reached(route, 1);
	const second = other.run(await inpaintRequest("iopaint-cv2"), context());
	// Looking needs no turn, and proves that the second had every chance to send.
	await other.capabilities();
	expect(server.seen.filter((entry) => entry.route === route)).toHaveLength(1);
	open();
	await Promise.all([first, second]);
	expect(server.seen.filter((entry) => entry.route === route)).toHaveLength(2);
});

it("a cancelled step ends at once, and the next one waits until IOPaint is done with it", async () => {
	const { script, open } = gatedScript();
	const { server, engine } = await serve(script);
	const stop = new AbortController();
	const told: number[] = [];
	const run = engine.run(
		await inpaintRequest("iopaint-cv2"),
		context({ signal: stop.signal, onProgress: ({ fraction }) => told.push(fraction) }),
	);
	await server.reached(route, 1);
	stop.abort();
	await expect(run).rejects.toMatchObject({ code: "cancelled" });
	const next = engine.run(await inpaintRequest("iopaint-cv2"), context());
	await engine.capabilities();
	expect(server.seen.filter((entry) => entry.route === route)).toHaveLength(1);
	open();
	await next;
	expect(server.seen.filter((entry) => entry.route === route)).toHaveLength(2);
	expect(told).toEqual([]);
});

it("a cancelled step leaves IOPaint in order all the same: a failed PowerPaint request is followed by the plain one", async () => {
	const gate = Promise.withResolvers<void>();
	const usual = usualScript();
	const { server, engine } = await serve(async (request, before) => {
		if (request.body.enable_powerpaint_v2 !== true) return usual(request, before);
		await gate.promise;
		return "74-powerpaint-weights-missing";
	});
	const stop = new AbortController();
	const run = engine.run(await inpaintRequest("sd15"), context({ signal: stop.signal }));
	await server.reached(route, 2);
	stop.abort();
	await expect(run).rejects.toMatchObject({ code: "cancelled" });
	gate.resolve();
	await server.reached(route, 3);
	expect(server.seen.filter((entry) => entry.route === route).map(({ body }) => body.enable_powerpaint_v2)).toEqual([false, true, false]);
});

it("a step cancelled while it waits in line is never sent", async () => {
	const { script, open } = gatedScript();
	const { server, engine } = await serve(script);
	const first = engine.run(await inpaintRequest("iopaint-cv2"), context());
	await server.reached(route, 1);
	const stop = new AbortController();
	const second = engine.run(await inpaintRequest("iopaint-cv2"), context({ signal: stop.signal }));
	stop.abort();
	await expect(second).rejects.toMatchObject({ code: "cancelled" });
	open();
	await first;
	await engine.run(await inpaintRequest("iopaint-cv2"), context());
	expect(server.seen.filter((entry) => entry.route === route)).toHaveLength(2);
});

it("waits for a worker process that has the turn, and gives up waiting when it is cancelled", async () => {
	const { server, engine } = await serve(usualScript());
	const child = await otherProcess(server.url);
	const stop = new AbortController();
	const cancelled = engine.run(await inpaintRequest("iopaint-cv2"), context({ signal: stop.signal }));
	const waiting = engine.run(await inpaintRequest("iopaint-cv2"), context());
	await engine.capabilities();
	expect(server.seen.filter((entry) => entry.route === route)).toEqual([]);
	stop.abort();
	await expect(cancelled).rejects.toMatchObject({ code: "cancelled" });
	await kill(child);
	await waiting;
	expect(server.seen.filter((entry) => entry.route === route)).toHaveLength(1);
});

it("a killed process leaves word that IOPaint may still run its request, until the next one has made sure", async () => {
	const { server, engine } = await serve(usualScript());
	await kill(await otherProcess(server.url, "begin"));
	const lock = createMachineLock(server.url, lockDir, 5);
	const turn = await lock.take(new AbortController().signal);
	expect(turn.unfinishedSince).toBeGreaterThan(0);
	turn.release();
	await engine.run(await inpaintRequest("iopaint-cv2"), context());
	const after = await lock.take(new AbortController().signal);
	expect(after.unfinishedSince).toBeNull();
	after.release();
});

it("servers at other addresses have turns of their own", async () => {
	const { engine } = await serve(usualScript());
	await otherProcess("http://127.0.0.1:1/");
	await engine.run(await inpaintRequest("iopaint-cv2"), context());
});

it("a step whose connection broke leaves word that IOPaint may still be at it", async () => {
	const { script } = gatedScript();
	const { server, engine } = await serve(script);
	const run = engine.run(await inpaintRequest("iopaint-cv2"), context());
	await server.reached(route, 1);
	await server.close();
	await expect(run).rejects.toMatchObject({ code: "engine_down" });
	const turn = await createMachineLock(server.url, lockDir, 5).take(new AbortController().signal);
	expect(turn.unfinishedSince).toBeGreaterThan(0);
	turn.release();
});

it("an answer that does not come in time is a timeout", async () => {
	const { script, open } = gatedScript();
	const { engine } = await serve(script, { timings: { requestTimeoutMs: 50, lookTimeoutMs: 10_000, lockPollMs: 5, quietMs: 50 } });
	await expect(engine.run(await inpaintRequest("iopaint-cv2"), context())).rejects.toMatchObject({ code: "timeout" });
	open();
});
