import type { Json, JsonObject } from "../../../../src/domain/json.ts";
import { historyOf, jobOf } from "./answers.ts";
import type { Play } from "./play.ts";
import type { Player } from "./player.ts";
import type { RecordedRun } from "./recordedRun.ts";
import type { OutputFile, Posted } from "./rewrite.ts";
import type { Asked } from "./startReplayServer.ts";
import { type HttpLine, type Line, readTranscript, recordedAnswer } from "./transcript.ts";

export interface Reply {
	status: number;
	json?: Json;
	text?: string;
	bytes?: Buffer;
}

export interface Backstage {
	runs: RecordedRun[];
	version?: "0.33" | "0.8" | "0.3.64";
	clockSkewMs?: number;
	player: Player;
	/** Transcript 17: what the server says of itself. */
	info: Line[];
	objectInfo: JsonObject;
	/** Uploaded files by `subfolder/name`. */
	uploads: Map<string, Buffer>;
}

/** aiohttp's answer to a path it does not have. */
const noRoute: Reply = { status: 404, text: "404: Not Found" };

export async function answerRequest(asked: Asked, backstage: Backstage): Promise<Reply> {
	const { method, path } = asked;
	const [, jobId, action] = /^api\/jobs\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
	if (jobId !== undefined) return answerJob(method, jobId, action, backstage);
	if (path.startsWith("history/")) return answerHistory(path.slice("history/".length), backstage);
	if (path.startsWith("models/")) return { status: 200, json: modelFiles(path.slice("models/".length), backstage.objectInfo) };
	switch (`${method} ${path}`) {
		case "POST prompt":
			return submit(readBody(asked), backstage);
		case "GET queue":
			return { status: 200, json: readQueue(backstage.player) };
		case "POST queue":
			for (const id of (readBody(asked).delete ?? []) as string[]) backstage.player.remove(id);
			return { status: 200 };
		case "POST interrupt":
			backstage.player.interrupt(readBody(asked).prompt_id as string | undefined);
			return { status: 200 };
		case "POST free":
			return { status: 200 };
		case "POST history":
			for (const id of (readBody(asked).delete ?? []) as string[]) backstage.player.forget(id);
			return { status: 200 };
		case "POST upload/image":
			return upload(asked, backstage.uploads);
		case "GET view":
			return view(asked, backstage.player);
		case "GET object_info":
			return { status: 200, json: backstage.objectInfo };
		case "GET system_stats":
		case "GET features":
			return { status: 200, json: recordedAnswer(backstage.info, `/${path}`) };
		case "GET prompt":
			return { status: 200, json: { exec_info: { queue_remaining: unfinished(backstage.player).length } } };
		default:
			return noRoute;
	}
}

function readBody({ body }: Asked): JsonObject {
	return body.length === 0 ? {} : JSON.parse(body.toString("utf8"));
}

/** Refusals are answered as recorded and queue nothing. */
function submit(body: JsonObject, { runs, player }: Backstage): Reply {
	const posted: Posted = {
		promptId: String(body.prompt_id),
		clientId: (body.client_id as string | undefined) ?? null,
		graph: body.prompt as Posted["graph"],
	};
	const refused = runs.length === 1 && runs[0] && runs[0].answer.status !== 200 ? runs[0].answer : null;
	if (refused) return { ...refused };
	const play = player.add(posted);
	const recorded = play.rewrite.json(play.run.answer.json ?? {}) as JsonObject;
	return { status: 200, json: { ...recorded, prompt_id: posted.promptId, number: play.number } };
}

function answerJob(method: string, jobId: string, action: string | undefined, { version, player, clockSkewMs = 0 }: Backstage): Reply {
	if (version === "0.3.64") return noRoute;
	if (action === "cancel") {
		if (version === "0.8" || method !== "POST") return noRoute;
		return { status: 200, json: { cancelled: player.remove(jobId) || player.interrupt(jobId) } };
	}
	const play = find(player, jobId);
	return play ? { status: 200, json: jobOf(play, clockSkewMs) } : { status: 404, json: { error: "Job not found" } };
}

function answerHistory(promptId: string, { player, clockSkewMs = 0 }: Backstage): Reply {
	const play = find(player, promptId);
	return { status: 200, json: play?.state === "ended" ? { [promptId]: historyOf(play, clockSkewMs) } : {} };
}

function find(player: Player, promptId: string): Play | undefined {
	return player.plays().find(({ posted }) => posted.promptId === promptId);
}

function unfinished(player: Player): Play[] {
	return player.plays().filter(({ state }) => state !== "ended");
}

function readQueue(player: Player): Json {
	const items = (state: Play["state"]) =>
		player
			.plays()
			.filter((play) => play.state === state)
			.map(({ number, posted }) => [number, posted.promptId, posted.graph as Json, { client_id: posted.clientId }, []]);
	return { queue_running: items("running"), queue_pending: items("waiting") };
}

/** A name that is taken by other bytes gets a number, as recorded in 09. */
async function upload({ body, contentType }: Asked, uploads: Map<string, Buffer>): Promise<Reply> {
	const form = await new Response(new Uint8Array(body), { headers: { "content-type": contentType } }).formData();
	const image = form.get("image");
	if (!(image instanceof File)) return { status: 400, text: "" };
	const bytes = Buffer.from(await image.arrayBuffer());
	const subfolder = String(form.get("subfolder") ?? "");
	const [, stem, extension] = /^(.*)(\.\w+)$/.exec(image.name) ?? ["", image.name, ""];
	let name = image.name;
	for (let count = 1; uploads.has(`${subfolder}/${name}`) && !uploads.get(`${subfolder}/${name}`)?.equals(bytes); count += 1)
		name = `${stem} (${count})${extension}`;
	uploads.set(`${subfolder}/${name}`, bytes);
	return { status: 200, json: { name, subfolder, type: "input" } };
}

function view({ query }: Asked, player: Player): Reply {
	const file: OutputFile = {
		filename: query.get("filename") ?? "",
		subfolder: query.get("subfolder") ?? "",
		type: query.get("type") ?? "output",
	};
	for (const { rewrite, run } of player.everPlayed()) {
		const recorded = rewrite.recordedFile(file);
		if (recorded) return { status: 200, bytes: recordedPicture(run.name, recorded) ?? recordedPicture("01-txt2img-legacy-preview") };
	}
	return { status: 404, text: "" };
}

/** Bytes of a file that the transcript has; without a file, of the first. */
function recordedPicture(name: string, file?: OutputFile): Buffer | undefined {
	const isIt = ({ path }: HttpLine) => {
		const query = new URL(path, "http://localhost").searchParams;
		return !file || (query.get("filename") === file.filename && query.get("subfolder") === file.subfolder);
	};
	const line = readTranscript(name).find((each): each is HttpLine => each.kind === "http" && each.path.startsWith("/view?") && isIt(each));
	return line?.res_b64 ? Buffer.from(line.res_b64, "base64") : undefined;
}

/** The lists of model files, as the node that loads them offers them. */
function modelFiles(folder: string, objectInfo: JsonObject): Json {
	const loaders: Record<string, [string, string]> = {
		checkpoints: ["CheckpointLoaderSimple", "ckpt_name"],
		loras: ["LoraLoader", "lora_name"],
		controlnet: ["ControlNetLoader", "control_net_name"],
		vae: ["VAELoader", "vae_name"],
		diffusion_models: ["UNETLoader", "unet_name"],
	};
	const [node, input] = loaders[folder] ?? [];
	const described = objectInfo[node ?? ""] as { input: { required: Record<string, [Json]> } } | undefined;
	return described?.input.required[input ?? ""]?.[0] ?? [];
}
