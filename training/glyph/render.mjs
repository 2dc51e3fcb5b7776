// node render.mjs SIDE_PX OUT < list: draws SVGs and picture files as RGBA, SIDE_PX a side, one behind the other into OUT.
// Each line of the list is JSON: {"svg": "<svg ...>"} or {"file": "/path.webp"}.
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import sharp from "sharp";

const [side = "64", out = ""] = process.argv.slice(2);
const sidePx = Number(side);
const file = createWriteStream(out);
for await (const line of createInterface({ input: process.stdin })) {
	const { svg, file: path } = JSON.parse(line);
	// Drawn four times as large and shrunk: smoother edges than the renderer's own.
	const large = svg ? sharp(Buffer.from(svg), { density: (72 * 4 * sidePx) / 128 }) : sharp(path);
	const raw = await large
		.resize(sidePx, sidePx, { fit: "contain", background: { r: 0, g: 0, b: 0, alpha: 0 }, kernel: "lanczos3" })
		.ensureAlpha()
		.raw()
		.toBuffer();
	if (!file.write(raw)) await new Promise((resolve) => file.once("drain", resolve));
}
await new Promise((resolve) => file.end(resolve));
