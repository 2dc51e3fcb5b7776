/** What every engine promises, whatever is behind it. */
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modelRegistry } from "../../src/domain/engines/registry.ts";
import { traits } from "../../src/domain/engines/traits.ts";
import { type Picture, type StepContext, type StepOutput, type StepProgress, type StepRequest, stepKinds } from "../../src/domain/ports.ts";
import { checkLoraFile } from "../../src/domain/trainings/checkLoraFile.ts";
import { builtIn } from "./subjects/builtIn.ts";
import { comfyui } from "./subjects/comfyui.ts";
import { diffusersReal, diffusersRecorded } from "./subjects/diffusers.ts";
import type { EngineSubject } from "./subjects/engineSubject.ts";
import { iopaint, iopaintWithControlNets } from "./subjects/iopaint.ts";
import { asked, offered } from "./subjects/operations.ts";

const quiet: StepContext = { signal: new AbortController().signal, onProgress() {}, onPreview() {} };
const nameOf = ({ kind, model }: StepRequest) => `${kind}:${model}`;

async function expectPicture(picture: Picture): Promise<void> {
	const { width, height, format } = await sharp(picture.bytes).metadata();
	expect({ width, height, type: `image/${format}` }).toEqual({ width: picture.widthPx, height: picture.heightPx, type: picture.mediaType });
}

describe.each([builtIn, comfyui, iopaint, iopaintWithControlNets, diffusersRecorded, diffusersReal])(
	"the engine $name",
	({ present, open }) => {
		describe.skipIf(!present)("", { timeout: 120_000 }, () => {
			let subject: EngineSubject;
			beforeAll(async () => {
				subject = await open();
			}, 120_000);
			afterAll(() => subject?.close());

			it("says what it can run, each once, in our words", async () => {
				const infos = await subject.engine.capabilities();
				const names = infos.map(({ capability }) => capability);
				expect(new Set(names).size).toBe(names.length);
				for (const { capability, digest, traits: told } of infos) {
					const [kind = "", model = ""] = capability.split(/:(.*)/s);
					expect(stepKinds).toContain(kind);
					expect(model).not.toBe("");
					expect(digest === null || /^[0-9a-f]{64}$/.test(digest)).toBe(true);
					if (told) expect(traits.parse(told)).toEqual(told);
				}
				for (const sample of subject.samples) expect(names).toContain(nameOf(sample));
			});

			it("is tried here with every kind of work that it offers", async () => {
				const can = new Set((await subject.engine.capabilities()).flatMap(offered));
				const tried = new Set(subject.samples.flatMap(asked));
				expect([...can].filter((each) => !tried.has(each))).toEqual([]);
			});

			it("does what it says, and hands back pictures of the size it tells, and facts that are JSON", async () => {
				for (const sample of subject.samples) {
					const made = await subject.engine.run(sample, quiet).catch((error) => {
						throw new Error(`${nameOf(sample)}: ${error.message}`, { cause: error });
					});
					if (sample.kind === "detect_faces") expect(made.data.faceCount).toEqual(expect.any(Number));
					else if (sample.kind === "train_lora") expect(() => checkLoraFile(made.files?.lora ?? new Uint8Array())).not.toThrow();
					else expect(Object.keys(made.pictures)).toContain("image");
					for (const picture of Object.values(made.pictures)) await expectPicture(picture);
					expect(JSON.parse(JSON.stringify(made.data))).toEqual(made.data);
				}
			});

			it("tells progress that never goes back and stays within 0 and 1, and previews that are pictures", async () => {
				const progress: StepProgress[] = [];
				const previews: Picture[] = [];
				const [sample] = subject.samples;
				if (!sample) throw new Error("no sample");
				await subject.engine.run(sample, { ...quiet, onProgress: (now) => progress.push(now), onPreview: (now) => previews.push(now) });
				const fractions = progress.map(({ fraction }) => fraction);
				expect(fractions.length).toBeGreaterThan(0);
				expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
				for (const fraction of fractions) expect(fraction >= 0 && fraction <= 1).toBe(true);
				for (const preview of previews) await expectPicture(preview);
			});

			it("draws the same for the same seed, and another for another", async () => {
				const [sample] = subject.samples;
				if (!sample || !subject.draws) return;
				const draw = async (seed: number) => pixelsOf(await subject.engine.run({ ...sample, params: { ...sample.params, seed } }, quiet));
				const [one, again, other] = [await draw(7), await draw(7), await draw(8)];
				expect(one.equals(again)).toBe(true);
				expect(one.equals(other)).toBe(false);
			});

			it("refuses a model it has not as missing, and a wrong parameter as invalid, naming it", async () => {
				await expect(subject.engine.run(subject.lacking, quiet)).rejects.toMatchObject({ code: "model_missing" });
				const { request, field } = subject.wrong;
				await expect(subject.engine.run(request, quiet)).rejects.toMatchObject({
					code: "engine_invalid",
					message: expect.stringContaining(field),
				});
			});

			it("says by its code why a step failed, and runs the next one", async () => {
				for (const { code, request, engine = subject.engine, meanwhile } of subject.failing) {
					const failed = engine.run(request, { ...quiet, onProgress: () => meanwhile?.() });
					await expect(failed, code).rejects.toMatchObject({ code });
				}
				const [sample] = subject.samples;
				if (sample) expect(Object.keys((await subject.engine.run(sample, quiet)).pictures)).toContain("image");
			});

			it("does nothing that was stopped before it began", async () => {
				const [sample] = subject.samples;
				if (!sample) throw new Error("no sample");
				await expect(subject.engine.run(sample, { ...quiet, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" });
			});

			it("stops in the middle when told to, and runs the next step", async () => {
				const stop = new AbortController();
				const { request, begun } = subject.long;
				const moved = Promise.withResolvers<void>();
				const started = begun?.() ?? moved.promise;
				const running = subject.engine.run(request, { ...quiet, signal: stop.signal, onProgress: () => moved.resolve() });
				running.catch(() => {});
				await started;
				stop.abort();
				await expect(running).rejects.toMatchObject({ code: "cancelled" });
				const [sample] = subject.samples;
				if (sample) expect(Object.keys((await subject.engine.run(sample, quiet)).pictures)).toContain("image");
			});

			it("says how it is", async () => {
				const status = await subject.engine.status();
				expect(Object.keys(status).sort()).toEqual([
					"device",
					"loadedModel",
					"missing",
					"queued",
					"version",
					"vramFreeBytes",
					"vramTotalBytes",
				]);
				for (const { name, files } of status.missing) expect([name, files.length > 0]).toEqual([expect.any(String), true]);
			});

			it("is down, and says no more than that, where no server answers", async () => {
				const { unreachable } = subject;
				const [sample] = subject.samples;
				if (!unreachable || !sample) return;
				for (const ask of [() => unreachable.capabilities(), () => unreachable.status(), () => unreachable.run(sample, quiet)])
					await expect(ask()).rejects.toMatchObject({ code: "engine_down" });
			});

			it("forgets what is no longer configured", async () => {
				const { engine } = subject;
				if (!engine.learn) return;
				const before = await engine.capabilities();
				engine.learn(modelRegistry.parse({ models: [], controlNets: [], loras: [], upscalers: [] }));
				const after = (await engine.capabilities()).map(({ capability }) => capability);
				expect(after.length).toBeLessThan(before.length);
				for (const sample of subject.samples) if (sample.kind === "generate") expect(after).not.toContain(nameOf(sample));
			});
		});
	},
);

async function pixelsOf({ pictures }: StepOutput): Promise<Buffer> {
	if (!pictures.image) throw new Error("no picture");
	return sharp(pictures.image.bytes).raw().toBuffer();
}
