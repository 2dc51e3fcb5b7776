import type { Traits } from "../engines/traits.ts";
import type { FieldError } from "../errors.ts";
import type { Model, OperatorConfig } from "../plans/operatorConfig.ts";
import type { OwnLora } from "../trainings/training.ts";
import type { SettledStep } from "../workflows/settleSteps.ts";
import { unsupported } from "./unsupported.ts";

interface Context {
	config: OperatorConfig;
	/** What the engines at hand can do with the step. */
	traits: Traits;
	/** LoRAs of the tenant that are named, by name; they come before the operator's. */
	ownLoras: ReadonlyMap<string, OwnLora>;
	/** Where the caller said a parameter. */
	field(param: string): FieldError["path"];
}

/** What may be laid over a model: ControlNets, LoRAs, a sampler, a second pass. @throws {GlassworksError} unsupported_by_model */
export function checkStack({ params }: SettledStep, model: Model, context: Context): void {
	checkControls(asList(params.controls), model, context);
	checkLoras(asList(params.loras), model, context);
	checkSampling(params, model, context);
	if (isSaid(params.hiresFix) && !context.traits.hiresFix)
		throw unsupported(context.field("hiresFix"), `no engine at hand draws over an enlarged picture with ${model.name}`);
}

function checkSampling(params: Asked, model: Model, { traits, field }: Context): void {
	for (const param of ["sampler", "scheduler"] as const) {
		const value = params[param];
		if (!isSaid(value)) continue;
		if (!model.recipe) throw unsupported(field(param), `${model.name} has one way of sampling`);
		const offered = param === "sampler" ? traits.samplers : traits.schedulers;
		if (offered.length > 0 && !offered.some((name) => name === value))
			throw unsupported(field(param), `no engine at hand has it for ${model.name}; there are ${offered.join(", ")}`);
	}
}

type Asked = Record<string, unknown>;
const asList = (value: unknown): Asked[] => (Array.isArray(value) ? (value as Asked[]) : []);
const isSaid = (value: unknown): boolean => value !== undefined && value !== null;

function checkControls(controls: readonly Asked[], model: Model, { config, traits, field }: Context): void {
	const { maxControlNets: most } = traits;
	for (const [at, { net, preprocess }] of controls.entries()) {
		const path = [...field("controls"), at, "net"];
		const known = config.controlNets.find((entry) => entry.name === net);
		const fitting = config.controlNets.filter((entry) => entry.family === model.recipe?.family).map((entry) => entry.name);
		if (!known || !fitting.includes(known.name)) throw unsupported(path, fit("ControlNets", fitting, model));
		if (!traits.controlNets.includes(known.name)) throw unsupported(path, `no engine at hand has ${known.name} for ${model.name}`);
		if (preprocess === true && (known.preprocessor === null || !traits.preprocessors.includes(known.preprocessor)))
			throw unsupported(
				[...path.slice(0, -1), "preprocess"],
				`no engine at hand makes the map of ${known.name} from a picture; give the map`,
			);
	}
	if (most !== null && controls.length > most)
		throw unsupported(
			field("controls"),
			`the engines at hand take at most ${most} ControlNets with ${model.name}; asked for ${controls.length}`,
		);
}

function checkLoras(loras: readonly Asked[], model: Model, { config, traits, ownLoras, field }: Context): void {
	for (const [at, { name }] of loras.entries()) {
		const path = [...field("loras"), at, "name"];
		const own = ownLoras.get(String(name));
		if (own) {
			if (own.family !== model.recipe?.family) throw unsupported(path, `${own.name} was trained for ${own.family}, not for ${model.name}`);
			if (!traits.ownLoras)
				throw unsupported(path, `no engine at hand loads LoRAs of accounts with ${model.name}; a diffusers sidecar does`);
			continue;
		}
		const fitting = config.loras.filter((entry) => entry.family === model.recipe?.family).map((entry) => entry.name);
		if (typeof name !== "string" || !fitting.includes(name)) throw unsupported(path, fit("LoRAs", fitting, model));
		if (!traits.loras.includes(name)) throw unsupported(path, `no engine at hand has ${name} for ${model.name}`);
	}
}

function fit(what: string, names: readonly string[], { name }: Model): string {
	return names.length > 0 ? `${what} of ${name}: ${names.join(", ")}` : `${name} takes no ${what}`;
}
