import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import sharp, { type Create } from "sharp";
import { afterEach, expect, onTestFinished, test } from "vitest";
import type { PictureGate } from "../../src/domain/ports.ts";
import { createPictureGate, type PictureGateOptions } from "../../src/pictures/gate.ts";
import { codeOf, expectClean, limits } from "./expectClean.ts";
import { sample, webpBomb } from "./fileCorpus.ts";
import { pngBomb, slowPng } from "./pngCorpus.ts";

const onLinux = test.skipIf(process.platform !== "linux");
const roomy = { maxBytes: 50_000_000, maxPixels: 3_000_000_000 };
const open: PictureGate[] = [];
afterEach(() => Promise.all(open.splice(0).map((gate) => gate.close())));

function openGate(options: PictureGateOptions = {}): PictureGate {
	const gate = createPictureGate(options);
	open.push(gate);
	return gate;
}

const small = await sample().png().toBuffer();
const slow = slowPng();

/** Process ids of the picture processes that `parent` started. */
function picturePids(parent: number): number[] {
	const pids = fs.readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
	return pids.filter((pid) => commandLine(pid).includes(path.join("pictures", "child.ts")));
}

function commandLine(pid: number): string {
	try {
		return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8");
	} catch {
		return "";
	}
}

async function until(isSo: () => boolean): Promise<void> {
	while (!isSo()) await sleep(5);
}

/** Has used more processor time than starting takes, so it is inside a decoder. */
function isDecoding(pid: number): boolean {
	try {
		const fields = fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
		return Number(fields[11]) + Number(fields[12]) > 120;
	} catch {
		return false;
	}
}

/** Kilobytes of a field of /proc/<pid>/status. */
function statusKb(pid: number, field: string): number {
	try {
		return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
	} catch {
		return 0;
	}
}

onLinux.each([
	["an interlaced PNG of 900 million pixels", pngBomb],
	["a WebP of 256 million pixels in 38 bytes", () => webpBomb],
	[
		"a JPEG whose size needs more than the limit",
		() =>
			sharp({ create: { width: 9_000, height: 9_000, channels: 3, background: "#369" } })
				.jpeg({ progressive: true })
				.toBuffer(),
	],
] as const)("%s ends as decode_limit within its memory, and the next picture is read", async (_name, make) => {
	const gate = openGate({ memoryLimitBytes: 200 * 1024 * 1024 });
	await gate.admit(small, limits);
	let peakKb = 0;
	const takePeak = () => {
		for (const pid of picturePids(process.pid)) peakKb = Math.max(peakKb, statusKb(pid, "VmHWM"));
	};
	takePeak();
	const sampling = setInterval(takePeak, 5);
	expect(await codeOf(gate.admit(await make(), roomy))).toBe("decode_limit");
	clearInterval(sampling);
	expect(peakKb).toBeGreaterThan(10_000);
	expect(peakKb).toBeLessThan((200 + 120) * 1024);
	await expectClean(await gate.admit(small, limits));
});

test("a picture that takes too long ends as decode_limit, and the next is read", async () => {
	const gate = openGate({ timeoutMs: 400 });
	const outcomes = [gate.admit(slow, roomy), gate.admit(slow, roomy)].map(codeOf);
	expect(await Promise.all(outcomes)).toEqual(["decode_limit", "decode_limit"]);
	await expectClean(await openGate().admit(small, limits));
});

test("many large pictures in a row do not use up the memory of one", async () => {
	const gate = openGate({ memoryLimitBytes: 144 * 1024 * 1024 });
	const noise: Create = { width: 3_000, height: 2_500, channels: 3, background: "#777", noise: { type: "gaussian", mean: 128, sigma: 60 } };
	const bytes = await sharp({ create: noise }).jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer();
	for (let turn = 0; turn < 15; turn++) expect(await codeOf(gate.admit(bytes, roomy))).toBe("no error");
}, 60_000);

async function killDecoding(): Promise<void> {
	await until(() => picturePids(process.pid).some(isDecoding));
	for (const pid of picturePids(process.pid)) process.kill(pid, "SIGKILL");
	await until(() => !picturePids(process.pid).some(isDecoding));
}

onLinux(
	"a picture whose child is killed is read by another",
	async () => {
		const gate = openGate();
		const outcome = codeOf(gate.admit(slow, roomy));
		await killDecoding();
		expect(await outcome).toBe("no error");
	},
	60_000,
);

onLinux(
	"a picture whose children are killed twice fails typed, and the next is read",
	async () => {
		const gate = openGate();
		const outcome = codeOf(gate.admit(slow, roomy));
		await killDecoding();
		await killDecoding();
		expect(await outcome).toBe("decode_limit");
		await expectClean(await gate.admit(small, limits));
	},
	60_000,
);

onLinux("a child killed while idle is not noticed", async () => {
	const gate = openGate();
	for (let turn = 0; turn < 4; turn++) {
		await gate.admit(small, limits);
		for (const pid of picturePids(process.pid)) process.kill(pid, "SIGKILL");
	}
	await expectClean(await gate.admit(small, limits));
});

onLinux("a decoder sees nothing of the server's environment, may write no file and leaves no core", async () => {
	const gate = openGate();
	await gate.admit(small, limits);
	const [pid = 0] = picturePids(process.pid);
	const names = fs
		.readFileSync(`/proc/${pid}/environ`, "latin1")
		.split("\0")
		.filter(Boolean)
		.map((entry) => entry.split("=")[0]);
	expect(names).not.toContain("PATH");
	expect(names.filter((name) => !/^(VIPS_|MALLOC_|UV_|PWD$)/.test(name ?? ""))).toEqual([]);
	const text = fs.readFileSync(`/proc/${pid}/limits`, "utf8");
	expect(text).toMatch(/Max data size\s+\d+/);
	expect(text).toMatch(/Max file size\s+0/);
	expect(text).toMatch(/Max core file size\s+0/);
});

test("a burst is read, and what exceeds the queue is told to come back", async () => {
	const gate = openGate();
	const outcomes = await Promise.all(Array.from({ length: 80 }, () => codeOf(gate.admit(small, limits))));
	expect(outcomes.filter((code) => code === "no error")).toHaveLength(65);
	expect(outcomes.filter((code) => code === "unavailable")).toHaveLength(15);
});

test("no more bytes wait to be read than fit, and one picture is read however large", async () => {
	const gate = openGate({ maxHeldBytes: small.length + 1 });
	const outcomes = [small, small, small].map((bytes) => codeOf(gate.admit(bytes, limits)));
	expect(await Promise.all(outcomes)).toEqual(["no error", "unavailable", "unavailable"]);
	expect(await codeOf(openGate({ maxHeldBytes: 1 }).admit(small, limits))).toBe("no error");
	expect(await codeOf(gate.admit(small, limits))).toBe("no error");
});

onLinux("two processes read two pictures at a time and no more", async () => {
	const gate = openGate({ processes: 2 });
	await Promise.all(Array.from({ length: 6 }, () => gate.admit(small, limits)));
	expect(picturePids(process.pid)).toHaveLength(2);
});

test("closing ends what is running and waiting as unavailable, and leaves no process", async () => {
	const gate = openGate();
	const outcomes = [slow, small, small].map((bytes) => codeOf(gate.admit(bytes, roomy)));
	await gate.close();
	expect(await Promise.all(outcomes)).toEqual(["unavailable", "unavailable", "unavailable"]);
	expect(await codeOf(gate.admit(small, limits))).toBe("unavailable");
	if (process.platform === "linux") expect(picturePids(process.pid)).toEqual([]);
});

const script = `
import { readFileSync } from "node:fs";
const { createPictureGate } = await import(process.argv[1]);
const gate = createPictureGate();
const picture = await gate.admit(Buffer.from(process.argv[2], "base64"), { maxBytes: 1e9, maxPixels: 1e9 });
console.log(picture.widthPx);
if (process.argv[3]) { console.log("busy"); await gate.admit(readFileSync(process.argv[3]), { maxBytes: 1e9, maxPixels: 3e9 }); }
`;
function startParent(...more: string[]) {
	const gatePath = path.join(import.meta.dirname, "../../src/pictures/gate.ts");
	const args = ["--input-type=module", "--no-warnings", "-e", script, gatePath, small.toString("base64"), ...more];
	return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
}

test("an idle gate does not keep its server from ending", async () => {
	const parent = startParent();
	const [status] = await once(parent, "exit");
	expect(status).toBe(0);
});

onLinux("a server that is killed takes its busy picture process with it", async () => {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), "glassworks-pictures-"));
	onTestFinished(() => fs.rmSync(folder, { recursive: true }));
	const file = path.join(folder, "slow.png");
	fs.writeFileSync(file, slow);
	const parent = startParent(file);
	let said = "";
	parent.stdout.on("data", (chunk: Buffer) => (said += chunk));
	await until(() => said.includes("busy"));
	const [child = 0] = picturePids(parent.pid ?? 0);
	await until(() => isDecoding(child));
	parent.kill("SIGKILL");
	await until(() => commandLine(child) === "");
	expect(commandLine(child)).toBe("");
});
