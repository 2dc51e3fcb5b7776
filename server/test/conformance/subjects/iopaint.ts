import type { JsonObject } from "../../../src/domain/json.ts";
import type { StepRequest } from "../../../src/domain/ports.ts";
import { createIopaintEngine } from "../../../src/engines/iopaint/engine.ts";
import { createPictureGate } from "../../../src/pictures/gate.ts";
import { serveRecordings } from "../../engines/iopaint/recordedIopaint.ts";
import { inpaintRequest, registry, usualScript } from "../../engines/iopaint/workbench.ts";
import { type EngineKind, type EngineSubject, silentLog } from "./engineSubject.ts";

/** Recorded answers of a real one; see server/test/engines/iopaint for the real one itself. Each can do what the other cannot. */
export const iopaint = recorded("IOPaint, recorded", false);
export const iopaintWithControlNets = recorded("IOPaint with ControlNets, recorded", true);

function recorded(name: string, controlNets: boolean): EngineKind {
	return { name, present: true, open: () => openSubject(controlNets) };
}

async function openSubject(controlNets: boolean): Promise<EngineSubject> {
	const pictures = createPictureGate();
	const answer = usualScript();
	let holding: Promise<void> | null = null;
	const server = await serveRecordings(async (request, before) => {
		if (request.route === "POST /api/v1/inpaint" && holding) await holding;
		return answer(request, before);
	});
	const at = (url: string) => {
		const engine = createIopaintEngine({ url, log: silentLog, pictures, controlNets, timings: { lockPollMs: 5, quietMs: 50 } });
		engine.learn?.(registry);
		return engine;
	};
	const [engine, unreachable] = [at(server.url), at("http://127.0.0.1:1")];
	return {
		engine,
		samples: await samples(controlNets),
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
}

function samples(controlNets: boolean): Promise<StepRequest[]> {
	const prompt = "a red fox";
	const controls = [{ net: "sd15-canny", preprocess: true }];
	const drawn: JsonObject[] = controlNets
		? [{ operation: "replace", prompt, controls }]
		: [{ operation: "remove" }, { operation: "replace", prompt, shapeFidelity: 0.5 }];
	const both: JsonObject[] = [
		{ operation: "replace", prompt },
		{ operation: "insert", prompt },
		{ operation: "fill" },
		{ operation: "outpaint", prompt },
	];
	return Promise.all([
		...["remove", "fill"].map((operation) => inpaintRequest("iopaint-cv2", { operation })),
		...[...both, ...drawn].map((params) => inpaintRequest("sd15", params)),
	]);
}
