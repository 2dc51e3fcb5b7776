import type { z } from "zod";
import type { asset } from "../contract/picture.ts";
import type { model, server } from "../contract/server.ts";
import { type Live, traitsAnywhere } from "../domain/engines/live.ts";
import { noTraits } from "../domain/engines/traits.ts";
import type { Asset } from "../domain/jobs/assetStore.ts";
import type { ModelFacts } from "../domain/jobs/modelFacts.ts";
import type { Model, OperatorConfig } from "../domain/plans/operatorConfig.ts";
import type { Capability } from "../domain/ports.ts";
import { assetLink, type LinkPorts } from "./links.ts";
import type { HttpPorts } from "./ports.ts";

export function presentAsset(ports: LinkPorts, stored: Asset): z.infer<typeof asset> {
	return {
		id: stored.id,
		media_type: stored.picture.mediaType,
		width: stored.picture.widthPx,
		height: stored.picture.heightPx,
		bytes: stored.picture.bytes,
		created_at: stored.createdAt.toISOString(),
		expires_at: stored.expiresAt?.toISOString() ?? null,
		url: assetLink(ports, stored.tenantId, stored.id),
		thumbnail_url: assetLink(ports, stored.tenantId, stored.id, "thumbnail"),
	};
}

/** `live`: what live workers can run, by pool. */
export function presentModel(entry: Model, operator: OperatorConfig, live: Live, facts: ModelFacts | undefined): z.infer<typeof model> {
	const isLive = (capability: Capability) => [...live.values()].some((capabilities) => capabilities.has(capability));
	return {
		name: entry.name,
		title: entry.title,
		notice: entry.notice,
		available: entry.steps.some((kind) => isLive(`${kind}:${entry.name}`)),
		default: entry.name === operator.defaultModel,
		steps: entry.steps,
		default_steps: entry.defaultSteps,
		max_steps: entry.maxSteps,
		default_side: entry.defaultSidePx,
		min_side: entry.minSidePx,
		max_side: entry.maxSidePx,
		styles: entry.styles,
		price_micro_usd: entry.priceMicroUsd,
		takes: presentTakes(entry, operator, live),
		measured: {
			since: facts?.since.toISOString() ?? null,
			steps: facts?.samples ?? 0,
			run_ms: facts?.runMs ?? null,
			load_ms: facts?.loadMs ?? null,
			wait_p50_ms: facts?.waitP50Ms ?? null,
			wait_p95_ms: facts?.waitP95Ms ?? null,
			failure_rate: facts?.failureRate ?? null,
		},
	};
}

function presentTakes({ name, recipe }: Model, { controlNets, loras }: OperatorConfig, live: Live): z.infer<typeof model>["takes"] {
	const traits = traitsAnywhere(live, `generate:${name}`) ?? noTraits;
	const fits = ({ family }: { family: string }) => family === recipe?.family;
	const nets = controlNets.filter((net) => fits(net) && traits.controlNets.includes(net.name));
	return {
		image: traits.imageToImage,
		controls: nets.map(({ name: net, title, preprocessor }) => ({
			net,
			title,
			preprocess: preprocessor !== null && traits.preprocessors.includes(preprocessor),
		})),
		max_controls: traits.maxControlNets,
		loras: loras.filter((lora) => fits(lora) && traits.loras.includes(lora.name)).map(({ name: lora, title }) => ({ name: lora, title })),
	};
}

export function presentServer({
	operator,
	config,
	sendsMail,
}: Pick<HttpPorts, "operator" | "config" | "sendsMail">): z.infer<typeof server> {
	const { name, logoUrl, colours, studioUrl } = operator.brand;
	return {
		name,
		logo_url: logoUrl,
		colours: { accent: colours.accent, on_accent: colours.onAccent },
		studio_url: studioUrl ?? config.publicUrl(),
		api_url: config.publicUrl(),
		version: config.version,
		sign_up: operator.people.signUp,
		sends_mail: sendsMail,
	};
}
