import type { EngineAddress, EngineDesk, EngineKind } from "./domain/engines/engineStore.ts";
import { noTraits } from "./domain/engines/traits.ts";
import { GlassworksError } from "./domain/errors.ts";
import { asObject, type JsonObject, parseJson } from "./domain/json.ts";
import { type OperatorConfig, registryOf } from "./domain/plans/operatorConfig.ts";
import type { Engine } from "./domain/ports.ts";
import { trialStep } from "./engineTrial.ts";

/** Addresses that tell one kind of engine from another, and what their answers have in them. */
const marks: [kind: EngineKind, path: string, isIt: (answer: JsonObject) => boolean][] = [
	["comfyui", "/system_stats", (answer) => "system" in answer && "devices" in answer],
	["iopaint", "/api/v1/server-config", (answer) => "modelInfos" in answer],
	["diffusers", "/health", (answer) => answer.service === "glassworks-diffusers"],
];
const probeMs = 10_000;

/** `open` makes the adapter of a kind; every engine opened here is closed again. */
export function createEngineDesk(config: OperatorConfig, open: (engine: EngineAddress) => Engine): EngineDesk {
	async function use<T>(engine: EngineAddress, work: (opened: Engine) => Promise<T>): Promise<T> {
		const opened = open(engine);
		try {
			opened.learn?.(registryOf(config));
			return await work(opened);
		} finally {
			await opened.close();
		}
	}

	return {
		async probe({ url, headers, settings, kind: told }) {
			const kind = told ?? (await recognise(url, headers));
			return use({ kind, url, headers, settings }, async (opened) => {
				const [status, infos] = await Promise.all([opened.status(), opened.capabilities()]).catch(blameEngine);
				return { kind, status, capabilities: infos.map(({ capability, traits }) => ({ capability, traits: traits ?? noTraits })) };
			});
		},
		tryOut: (engine, withinMs) =>
			use(engine, async (opened) => {
				const request = await trialStep(config, await opened.capabilities());
				if (!request) return null;
				const startedAt = performance.now();
				const signal = AbortSignal.timeout(withinMs);
				const { pictures } = await opened.run(request, { signal, onProgress() {}, onPreview() {} }).catch((error) => {
					if (!signal.aborted) throw error;
					const seconds = Math.round(withinMs / 1_000);
					throw new GlassworksError("timeout", `No picture within ${seconds} s. A large model may still have been loading: try again.`);
				});
				const made = pictures.image;
				if (!made) throw new GlassworksError("internal", "The engine answered without a picture.");
				const ms = Math.round(performance.now() - startedAt);
				return { capability: `${request.kind}:${request.model}`, ms, widthPx: made.widthPx, heightPx: made.heightPx };
			}),
	};
}

/** An engine that fails at saying what it is, is no engine of that kind: not our mistake. */
function blameEngine(error: unknown): never {
	if (error instanceof GlassworksError && error.code === "internal") throw new GlassworksError("engine_invalid", error.message, error.data);
	throw error;
}

/** What answers there. @throws {GlassworksError} engine_down, engine_invalid */
export async function recognise(url: string, headers: Record<string, string>): Promise<EngineKind> {
	let answered = false;
	for (const [kind, path, isIt] of marks) {
		const answer = await ask(url + path, headers);
		answered ||= answer !== null;
		if (answer && isIt(answer)) return kind;
	}
	if (!answered) throw new GlassworksError("engine_down", `Nothing answers at ${url}.`);
	throw new GlassworksError(
		"engine_invalid",
		`What answers at ${url} is neither ComfyUI nor IOPaint nor the diffusers sidecar, or wants a header.`,
	);
}

/** Null: no answer; empty: no JSON object. */
async function ask(address: string, headers: Record<string, string>): Promise<JsonObject | null> {
	try {
		const response = await fetch(address, { headers, redirect: "manual", signal: AbortSignal.timeout(probeMs) });
		return asObject(parseJson(await readSome(response)));
	} catch {
		return null;
	}
}

/** No engine says more about itself. */
const maxAnswerBytes = 4 * 1_048_576;

/** The text of an answer, or as much of one that does not end. */
async function readSome(response: Response): Promise<string> {
	const decoder = new TextDecoder();
	let text = "";
	for await (const piece of response.body ?? []) {
		text += decoder.decode(piece, { stream: true });
		if (text.length > maxAnswerBytes) break;
	}
	return text;
}
