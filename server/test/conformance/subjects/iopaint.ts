import { createIopaintEngine } from "../../../src/engines/iopaint/engine.ts";
import { createPictureGate } from "../../../src/pictures/gate.ts";
import { serveRecordings } from "../../engines/iopaint/recordedIopaint.ts";
import { inpaintRequest, registry, usualScript } from "../../engines/iopaint/workbench.ts";
import { type EngineKind, silentLog } from "./engineSubject.ts";

/** Recorded answers of a real one; see server/test/engines/iopaint for the real one itself. */
export const iopaint: EngineKind = {
	name: "IOPaint, recorded",
	present: true,
	async open() {
		const pictures = createPictureGate();
		const answer = usualScript();
		let holding: Promise<void> | null = null;
		const server = await serveRecordings(async (request, before) => {
			if (request.route === "POST /api/v1/inpaint" && holding) await holding;
			return answer(request, before);
		});
		const at = (url: string) => {
			const engine = createIopaintEngine({ url, log: silentLog, pictures, timings: { lockPollMs: 5, quietMs: 50 } });
			engine.learn?.(registry);
			return engine;
		};
		const [engine, unreachable] = [at(server.url), at("http://127.0.0.1:1")];
		return {
			engine,
			samples: [await inpaintRequest("iopaint-cv2"), await inpaintRequest("iopaint-cv2", { operation: "fill" })],
			lacking: await inpaintRequest("nobody-has-this"),
			wrong: { request: await inpaintRequest("iopaint-cv2", { seed: -1 }), field: "seed" },
			long: {
				request: await inpaintRequest("iopaint-cv2"),
				async begun() {
					const held = Promise.withResolvers<void>();
					holding = held.promise;
					await server.reached("POST /api/v1/inpaint", server.seen.filter(({ route }) => route === "POST /api/v1/inpaint").length + 1);
					holding = null;
					// It cannot be stopped: its answer comes later and is dropped.
					setTimeout(held.resolve, 100);
				},
			},
			failing: [],
			unreachable,
			draws: false,
			async close() {
				for (const each of [engine, unreachable]) await each.close();
				await server.close();
				await pictures.close();
			},
		};
	},
};
