import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";

/** Lower-case hex. Reads the file once, in small pieces. Rejects with the file system's error. */
export async function fileDigest(path: string, algorithm: "sha256" | "md5", signal?: AbortSignal): Promise<string> {
	const hash = createHash(algorithm);
	const options = signal === undefined ? {} : { signal };
	await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash, options);
	return hash.digest("hex");
}
