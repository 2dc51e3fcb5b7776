// The gate's child process: reads hostile bytes and nothing else. One request at a time, over stdin and stdout.
import { readFileSync } from "node:fs";
import { GlassworksError } from "../domain/errors.ts";
import { pictureRequest, readFrames, writeFrame } from "./protocol.ts";
import { transcode } from "./transcode.ts";

const maxFrameBytes = 1024 * 1024 * 1024;
const nothing = new Uint8Array();

/** Ends at once, even inside a decoder: an orderly exit would wait for its thread. */
function endNow(): void {
	process.kill(process.pid, "SIGKILL");
}

/** Private memory this process has mapped, which is what the kernel's limit counts; null where the kernel does not tell. */
function mappedDataBytes(): number | null {
	try {
		const kilobytes = /^VmData:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
		return kilobytes ? Number(kilobytes) * 1024 : null;
	} catch {
		return null;
	}
}

async function answer(head: unknown, body: Buffer): Promise<void> {
	try {
		const { bytes, ...picture } = await transcode(body, pictureRequest.parse(head));
		writeFrame(process.stdout, { kind: "picture", ...picture }, bytes);
	} catch (error) {
		const known = error instanceof GlassworksError ? error : new GlassworksError("internal", "The picture could not be read.");
		writeFrame(process.stdout, { kind: "error", code: known.code, message: known.message, data: known.data }, nothing);
	}
	// Pictures lie outside the JavaScript heap, so the collector would let several pile up until the memory limit hits an innocent one.
	setImmediate(() => globalThis.gc?.());
}

// The parent's end of the pipe closes however the parent dies, kill -9 included.
for (const event of ["end", "close", "error"]) process.stdin.on(event, endNow);
process.stdout.on("error", endNow);
readFrames(process.stdin, maxFrameBytes, (head, body) => void answer(head, body), endNow);
writeFrame(process.stdout, { kind: "ready", dataBytes: mappedDataBytes() }, nothing);
