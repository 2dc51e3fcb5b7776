import { expect, test } from "vitest";
import { plainPicture } from "../../support/testPictures.ts";
import { graphStep, open, paths, postedPrompts, resultOf, runStep } from "./harness.ts";
import { recordedRun } from "./replay/recordedRun.ts";
import { before, type Step } from "./replay/script.ts";

const textToImage = recordedRun("01-txt2img-legacy-preview");
const withFlags = recordedRun("02-txt2img-feature-flags-preview4");

test("a graph's picture comes back without the prompt and graph that ComfyUI wrote into it", async () => {
	const scene = await open({ runs: [textToImage] });
	const { output } = await runStep(scene, graphStep(textToImage));
	const picture = output?.pictures.image;
	expect(picture).toMatchObject({ mediaType: "image/png", widthPx: 64, heightPx: 64 });
	expect(Buffer.from(picture?.bytes ?? []).includes("a red cube")).toBe(false);
	expect(Buffer.from(picture?.bytes ?? []).includes("tEXt")).toBe(false);
});

test("progress covers the whole graph and never goes back, and names the sampler's step", async () => {
	const scene = await open({ runs: [textToImage] });
	const { progress } = await runStep(scene, graphStep(textToImage));
	const fractions = progress.map(({ fraction }) => fraction);
	expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
	expect(fractions[0]).toBeLessThan(0.2);
	expect(fractions.at(-1)).toBeGreaterThan(0.9);
	expect(fractions.every((fraction) => fraction < 1)).toBe(true);
	expect([...new Set(progress.flatMap(({ step, steps }) => (step === undefined ? [] : [`${step}/${steps}`])))]).toEqual([
		"1/4",
		"2/4",
		"3/4",
		"4/4",
	]);
});

test.each([
	["without a prompt's name, as old servers send them", textToImage],
	["with metadata", withFlags],
])("previews %s are shown while it is drawn", async (_, run) => {
	const scene = await open({ runs: [run], script: before("executed", { do: "hold" }) });
	const held = scene.server.reached("hold");
	const { previews } = await runStep(scene, graphStep(run), { onPreview: () => void held.then(scene.server.release) });
	expect(previews.length).toBeGreaterThan(0);
	for (const preview of previews) expect(preview).toMatchObject({ mediaType: "image/jpeg", widthPx: 512, heightPx: 512 });
});

test("another's preview, which names no prompt, is not shown where previews have names", async () => {
	const foreign = recordedRun("14-save-image-websocket").frames.find(({ bytes }) => bytes !== undefined)?.bytes;
	const script = (steps: Step[]) => {
		const first = steps.findIndex((step) => step.do === "frame" && step.frame.bytes !== undefined);
		return before("executed", { do: "hold" })(steps.toSpliced(first, 0, { do: "hold" }));
	};
	const scene = await open({ runs: [withFlags], script });
	const held = scene.server.reached("hold");
	let heldAgain = held;
	const running = runStep(scene, graphStep(withFlags), { onPreview: () => void heldAgain.then(scene.server.release) });
	await held;
	heldAgain = scene.server.reached("hold");
	scene.server.tellAll(foreign ?? Buffer.alloc(0));
	scene.server.release();
	const { previews } = await running;
	expect(foreign).toBeDefined();
	expect([...new Set(previews.map(({ widthPx }) => widthPx))]).toEqual([512]);
});

test("each attempt has an id and a place for its files of its own", async () => {
	const scene = await open({ runs: [textToImage] });
	await runStep(scene, graphStep(textToImage));
	await runStep(scene, graphStep(textToImage));
	const [first, second] = postedPrompts(scene);
	const prefixes = [first, second].map((posted) => String(posted?.prompt["9"]?.inputs.filename_prefix));
	expect(prefixes[0]).toMatch(/^gw\/[0-9a-f-]{36}\/picture$/);
	expect(prefixes[0]).not.toBe(prefixes[1]);
	expect(first?.prompt_id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
	expect(first?.prompt_id).not.toBe(second?.prompt_id);
});

test("what was asked for is forgotten by the server once its picture is here", async () => {
	const scene = await open({ runs: [textToImage] });
	await runStep(scene, graphStep(textToImage));
	expect(scene.server.plays()).toEqual([]);
});

test("a graph that was drawn before, all out of the server's cache, gives its picture", async () => {
	const cached = recordedRun("03-cached-rerun", 0);
	const { output } = await runStep(await open({ runs: [cached] }), graphStep(cached));
	expect(output?.pictures.image).toMatchObject({ widthPx: 64 });
});

test("a graph that saves several pictures gives all, in the order of its nodes, and not those it only shows", async () => {
	const batch = recordedRun("15-batch-multi-output-preview-temp");
	const scene = await open({ runs: [batch] });
	const { output } = await runStep(scene, graphStep(batch));
	expect(Object.keys(output?.pictures ?? {})).toEqual(["image", "image_1", "image_2", "image_3"]);
	const views = scene.server.asked
		.filter(({ path }) => path === "view")
		.map(({ query }) => `${query.get("type")} ${query.get("filename")}`);
	expect(views).toEqual([1, 2, 3, 4].map((count) => `output picture_0000${count}_.png`));
});

test("a graph that only shows its picture gives that", async () => {
	const shown = recordedRun("06-node-execution-error", 4);
	const { output } = await runStep(await open({ runs: [recordedRun("13-client-chosen-prompt-id", 0)] }), graphStep(shown));
	expect(Object.keys(output?.pictures ?? {})).toEqual(["image"]);
});

test("LoRAs, ControlNets and an upscaler in one graph", async () => {
	const large = recordedRun("16-lora2-controlnet3-upscale-run");
	const scene = await open({ runs: [large] });
	const { output, progress } = await runStep(scene, graphStep(large));
	expect(Object.keys(output?.pictures ?? {})).toEqual(["image"]);
	expect(progress.at(-1)?.fraction).toBeGreaterThan(0.9);
});

test("pictures are uploaded into a folder of the attempt, and the graph is given the names that the server chose", async () => {
	const run = recordedRun("09-upload-and-use", 0);
	const scene = await open({ runs: [run] });
	const bindings = [{ node: "10", input: "image", picture: "image" }];
	const request = graphStep(run, {
		params: { graph: run.graph as never, bindings },
		inputs: { image: await plainPicture(64, 64), unused: await plainPicture(8, 8) },
	});
	expect(resultOf(await runStep(scene, request))).toBe("1 pictures");
	const [posted] = postedPrompts(scene);
	expect(posted?.prompt["10"]?.inputs.image).toMatch(/^gw\/[0-9a-f-]{36}\/image\.png$/);
	expect(scene.server.asked.filter(({ path }) => path === "upload/image")).toHaveLength(1);
});

test("a picture that the server stored under another name is used by that name", async () => {
	const run = recordedRun("09-upload-and-use", 0);
	const roles = ["a.b", "a_b"];
	const graph = { ...run.graph, "11": { class_type: "LoadImage", inputs: {} }, "12": { class_type: "LoadImage", inputs: {} } };
	const bindings = roles.map((picture, at) => ({ node: String(11 + at), input: "image", picture }));
	const scene = await open({ runs: [run] });
	await runStep(
		scene,
		graphStep(run, {
			params: { graph: graph as never, bindings },
			inputs: { "a.b": await plainPicture(64, 64), a_b: await plainPicture(32, 32) },
		}),
	);
	const [posted] = postedPrompts(scene);
	expect(posted?.prompt["11"]?.inputs.image).toMatch(/\/a_b\.png$/);
	expect(posted?.prompt["12"]?.inputs.image).toMatch(/\/a_b \(1\)\.png$/);
});

test("a graph that needs a picture which the step does not have is refused before anything is posted", async () => {
	const scene = await open({ runs: [textToImage] });
	const bindings = [{ node: "9", input: "image", picture: "constructor" }];
	const { error } = await runStep(scene, graphStep(textToImage, { params: { graph: textToImage.graph as never, bindings } }));
	expect(error).toMatchObject({ code: "engine_invalid", message: "constructor: the step graph needs a picture for it." });
	expect(paths(scene, "POST")).toEqual([]);
});

test("a server behind a guard is given its headers with every request and with the socket", async () => {
	const requires = { authorization: "Bearer secret-key" };
	const scene = await open({ runs: [textToImage], requires }, {}, { Authorization: "Bearer secret-key" });
	expect(resultOf(await runStep(scene, graphStep(textToImage)))).toBe("1 pictures");
	expect(scene.server.clientIds()).toHaveLength(1);
	const stranger = await open({ runs: [textToImage], requires });
	expect(resultOf(await runStep(stranger, graphStep(textToImage)))).toBe("engine_down");
	await expect(stranger.engine.capabilities()).rejects.toMatchObject({ code: "engine_down" });
});

test("a graph that would send its picture over the socket saves it instead", async () => {
	const run = recordedRun("14-save-image-websocket");
	const scene = await open({ runs: [run] });
	await runStep(scene, graphStep(run));
	const saved = postedPrompts(scene)[0]?.prompt.save_image_websocket_node;
	expect(saved).toMatchObject({ class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: expect.stringMatching(/^gw\//) } });
});
