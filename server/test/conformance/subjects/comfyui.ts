import type { StepRequest } from "../../../src/domain/ports.ts";
import { createComfyEngine } from "../../../src/engines/comfyui/engine.ts";
import type { Timings } from "../../../src/engines/comfyui/timings.ts";
import { createPictureGate } from "../../../src/pictures/gate.ts";
import { type RecordedRun, recordedRun } from "../../engines/comfyui/replay/recordedRun.ts";
import { type ReplayOptions, startReplayServer } from "../../engines/comfyui/replay/startReplayServer.ts";
import { registry } from "../../engines/graphs/recordedServer.ts";
import { plainPicture } from "../../support/testPictures.ts";
import { drawing, type EngineKind, type Failing, repainting, silentLog } from "./engineSubject.ts";

const run = recordedRun("02-txt2img-feature-flags-preview4");

const graphOf = ({ graph }: RecordedRun): StepRequest => ({
	kind: "graph",
	model: "comfyui",
	params: { graph: graph as never },
	inputs: {},
});
const hold: ReplayOptions["script"] = (steps) => [{ do: "hold" }, ...steps];

/** Recorded traffic of a real one: what is asked is checked as ComfyUI would, what comes back is the recording's picture. */
export const comfyui: EngineKind = {
	name: "ComfyUI, replayed",
	present: true,
	async open() {
		const pictures = createPictureGate();
		let isLong = false;
		const server = await startReplayServer({
			runs: [run],
			msPerSecond: 4,
			script: (steps) => (isLong ? [{ do: "hold" as const }, ...steps] : steps),
		});
		const at = (url: string, more: Partial<Timings> = {}) => {
			const timings = { requestMs: 5_000, unreachableMs: 200, stopRepeatMs: 20, ...more };
			const engine = createComfyEngine({ url, log: silentLog, pictures, timings });
			engine.learn?.(registry);
			return engine;
		};
		const ending: (() => Promise<void>)[] = [];
		const failing = async (code: Failing["code"], of: RecordedRun, options: Partial<ReplayOptions> = {}, more: Partial<Timings> = {}) => {
			const broken = await startReplayServer({ runs: [of], ...options });
			const engine = at(broken.url, more);
			ending.push(() => engine.close(), broken.close);
			return { code, request: graphOf(of), engine, meanwhile: () => void (code === "engine_down" && broken.die()) };
		};
		const [engine, unreachable] = [at(server.url), at("http://127.0.0.1:1")];
		return {
			engine,
			samples: await samples(),
			lacking: drawing("nobody-has-this", 512),
			wrong: { request: drawing("sdxl", 1_024, { steps: 0 }), field: "steps" },
			long: {
				request: drawing("sdxl", 1_024),
				async begun() {
					isLong = true;
					await server.reached("hold");
					isLong = false;
				},
			},
			failing: [
				await failing("internal", recordedRun("06-node-execution-error", 0)),
				await failing("out_of_memory", recordedRun("06-node-execution-error", 1)),
				await failing("engine_invalid", recordedRun("05-validation-errors", "TWO outputs"), { script: hold }),
				await failing("timeout", run, { script: hold }, { maxRunMs: 50 }),
				await failing("engine_down", run, { script: (steps) => [...steps.slice(0, -1), { do: "hold" }] }),
			],
			unreachable,
			draws: false,
			async close() {
				for (const end of ending) await end();
				for (const each of [engine, unreachable]) await each.close();
				await server.close();
				await pictures.close();
			},
		};
	},
};

async function samples(): Promise<StepRequest[]> {
	const image = await plainPicture(128, 128);
	const controls = ["sdxl-canny", "sdxl-depth", "sdxl-openpose"].map((net, at) => ({ net, preprocess: at === 0 }));
	return [
		graphOf(run),
		drawing("sdxl", 1_024),
		{ ...drawing("sd15", 512, { strength: 0.5 }), inputs: { image } },
		drawing("flux", 512),
		{ ...drawing("sdxl", 1_024, { controls }), inputs: { control_0: image, control_1: image, control_2: image } },
		drawing("sdxl", 1_024, { loras: [{ name: "style" }, { name: "detail", strength: -0.5 }] }),
		drawing("sdxl", 1_024, { hiresFix: { scale: 2, strength: 0.5 } }),
		...(await Promise.all(["replace", "insert", "outpaint"].map((operation) => repainting("sdxl", 512, { operation })))),
		await repainting("sdxl-inpaint", 512, { operation: "fill", prompt: "" }),
		{ kind: "upscale", model: "realesrgan-x4plus", params: {}, inputs: { image } },
	];
}
