import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import yauzl from "yauzl";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

interface Server {
	url: string;
	key: string;
	batchId: string;
}
let dataDir: string;
let child: ChildProcess;
let server: Server;

beforeAll(async () => {
	dataDir = await mkdtemp(path.join(os.tmpdir(), "glassworks-zip-"));
	child = fork(fileURLToPath(new URL("zipServer.ts", import.meta.url)), [dataDir], {
		execArgv: ["--expose-gc"],
		stdio: ["ignore", "inherit", "inherit", "ipc"],
	});
	const died = once(child, "exit").then(() => {
		throw new Error("the server of the batch ended before it was ready");
	});
	// It ends after the tests too.
	died.catch(() => {});
	[server] = (await Promise.race([once(child, "message"), died])) as [Server];
});
afterAll(async () => {
	if (child.connected) {
		child.send("close");
		await once(child, "exit");
	}
	await rm(dataDir, { recursive: true, force: true });
});

const ask = async (message: string): Promise<{ rssBytes: number; mostBytes: number }> => {
	const answer = once(child, "message");
	child.send(message);
	return (await answer)[0];
};
const getBatch = async () => {
	const response = await fetch(`${server.url}/api/v1/batches/${server.batchId}`, { headers: { authorization: `Bearer ${server.key}` } });
	return (await response.json()) as { links: { zip: string }; counts: Record<string, number> };
};

/** Every file with its bytes, each checked against its size and checksum. */
async function unzip(file: string): Promise<Map<string, Buffer>> {
	const zip = await promisify<string, yauzl.Options, yauzl.ZipFile>(yauzl.open)(file, { lazyEntries: true, autoClose: true });
	const files = new Map<string, Buffer>();
	const read = promisify(zip.openReadStream.bind(zip)) as (entry: yauzl.Entry) => Promise<Readable>;
	zip.readEntry();
	zip.on("entry", async (entry: yauzl.Entry) => {
		const chunks: Buffer[] = [];
		for await (const chunk of await read(entry)) chunks.push(chunk);
		const bytes = Buffer.concat(chunks);
		if (bytes.length !== entry.uncompressedSize || crc32(bytes) !== entry.crc32) throw new Error(`${entry.fileName} is damaged`);
		files.set(entry.fileName, bytes);
		zip.readEntry();
	});
	await once(zip, "end");
	return files;
}

test("100 pictures of 2 MB are sent as a sound ZIP without a key by its link, and the server grows by less than 50 MB", async () => {
	const { links, counts } = await getBatch();
	expect(counts).toMatchObject({ succeeded: 101, failed: 1 });
	const before = await ask("forget");
	const response = await fetch(links.zip);
	expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/zip"]);
	expect(response.headers.get("content-disposition")).toBe('attachment; filename="big-ones.zip"');
	const file = path.join(dataDir, "pictures.zip");
	await pipeline(Readable.fromWeb(response.body as never), createWriteStream(file));
	const after = await ask("tell");
	expect((after.mostBytes - before.rssBytes) / 1e6).toBeLessThan(50);

	const files = await unzip(file);
	const pictures = [...files].filter(([name]) => name.endsWith(".png"));
	expect(pictures).toHaveLength(100);
	expect(pictures.every(([, bytes]) => bytes.length === 2_000_000)).toBe(true);
	expect([...files.keys()].slice(0, 2)).toEqual(["0001-unsafe-name.png", "0002-picture-1.png"]);
	const manifest = JSON.parse(String(files.get("manifest.json")));
	expect(manifest.batch).toMatchObject({ id: server.batchId, items: 102 });
	expect(manifest.files).toHaveLength(100);
	expect(manifest.files[1]).toMatchObject({
		file: "0002-picture-1.png",
		item: 1,
		seed: 7,
		price_micro_usd: 0,
		recipe: { settings: { prompt: "picture 1" } },
	});
	const errors = JSON.parse(String(files.get("errors.json")));
	expect(errors).toMatchObject([
		{ item: 7, status: "failed", code: "engine_invalid", message: "It broke." },
		{ item: 9, status: "succeeded", code: "internal", message: expect.stringContaining("could not be read") },
	]);
});

test("who hangs up leaves no file open", async () => {
	const { links } = await getBatch();
	const hangUp = new AbortController();
	const response = await fetch(links.zip, { signal: hangUp.signal });
	await response.body?.getReader().read();
	hangUp.abort();
	const open = async () => {
		const links = await Promise.all(
			(await readdir(`/proc/${child.pid}/fd`)).map((fd) =>
				import("node:fs/promises").then((fs) => fs.readlink(`/proc/${child.pid}/fd/${fd}`)).catch(() => ""),
			),
		);
		return links.filter((target) => target.includes("/blobs/")).length;
	};
	while (process.platform === "linux" && (await open()) > 0) await new Promise((resolve) => setTimeout(resolve, 100));
	expect((await getBatch()).counts).toMatchObject({ succeeded: 101 });
});

test("a link for one batch opens nothing else, and nobody gets a ZIP without one", async () => {
	const { links } = await getBatch();
	const changed = links.zip.replace(server.batchId, "batch_other");
	expect([(await fetch(changed)).status, (await fetch(`${server.url}/api/v1/batches/${server.batchId}/zip`)).status]).toEqual([403, 401]);
});
