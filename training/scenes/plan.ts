// node plan.ts OUT < plans > places: lays scenes out and paints their backgrounds, by the server's own code. Each line of the input is
// JSON: a LayoutRequest, whose items may have a `name` in place of `airborne`, and `background`; each line of the output is the places; the backgrounds go to OUT, 128 x 128 RGB each.
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { paintBackground } from "../../server/src/engines/local/glyph/scene/background.ts";
import { layOut } from "../../server/src/engines/local/glyph/scene/layout.ts";
import { airborne } from "../../server/src/engines/local/glyph/scene/words.ts";

const file = createWriteStream(process.argv[2] ?? "");
for await (const line of createInterface({ input: process.stdin })) {
	const { background, ...request } = JSON.parse(line);
	for (const item of request.items) item.airborne ??= airborne.has(item.name);
	console.log(JSON.stringify(layOut(request)));
	if (!file.write(paintBackground(background, request.seed))) await new Promise<void>((resolve) => file.once("drain", resolve));
}
await new Promise<void>((resolve) => file.end(resolve));
