import type { Live } from "../engines/live.ts";
import type { ControlNet } from "../engines/registry.ts";
import type { EditOperation, Traits } from "../engines/traits.ts";
import { GlassworksError } from "../errors.ts";
import { checkModelInPlan } from "../jobs/checkModelInPlan.ts";
import { unsupported } from "../jobs/unsupported.ts";
import type { Model, OperatorConfig, Plan } from "../plans/operatorConfig.ts";

/** What an edit asks of its model. */
export interface EditWants {
	operation: EditOperation;
	/** This model and no other; null: the first of the operator's list that can. */
	model: string | null;
	/** A kind of ControlNet map (`canny`, ...) that is made from the picture. */
	control: string | null;
	/** Follow the mask's shape. */
	shapeGuided: boolean;
	/** Draw what a prompt says. */
	prompted: boolean;
}

interface AtHand {
	config: OperatorConfig;
	plan: Plan;
	planName: string;
	live: Live;
	/** Where this tenant's repainting runs. */
	pool: string;
}

export interface EditChoice {
	model: Model;
	/** The ControlNet that makes the map that was asked for. */
	net: ControlNet | null;
}

/**
 * The model that does an edit: the first of the operator's list for the operation that the plan includes and a live worker can run with
 * everything that was asked for; or the one that was named.
 * @throws {GlassworksError} edit_unavailable when no engine at hand can; unknown_model, model_not_in_plan
 */
export function chooseEditModel(wants: EditWants, atHand: AtHand): EditChoice {
	const listed = preferred(wants, atHand.config);
	if (wants.model !== null && listed[0]) checkModelInPlan(listed[0], atHand);
	const allowed = listed.filter(({ name }) => atHand.plan.models === "all" || atHand.plan.models.includes(name));
	for (const model of allowed) {
		const traits = traitsOf(model, atHand);
		const net = wants.control === null ? null : netFor(wants.control, model, traits, atHand.config);
		if (canDo(wants, traits) && (wants.control === null || net)) return { model, net };
	}
	// Another plan's model could: say so rather than that nobody can.
	const beyond = listed.find((model) => !allowed.includes(model) && canDo(wants, traitsOf(model, atHand)));
	if (beyond) checkModelInPlan(beyond, atHand);
	throw unavailable(wants, allowed, atHand);
}

function preferred({ model, operation }: EditWants, { models, edits }: OperatorConfig): Model[] {
	const repaint = models.filter(({ steps }) => steps.includes("inpaint"));
	const names = repaint.map(({ name }) => name);
	if (model === null) return (edits[operation] ?? names).flatMap((name) => repaint.find((entry) => entry.name === name) ?? []);
	const named = repaint.find((entry) => entry.name === model);
	if (named) return [named];
	const message = `one of ${names.join(", ")}`;
	throw new GlassworksError("unknown_model", `No model named "${model}" repaints. Configured: ${names.join(", ")}.`, {}, [
		{ path: ["model"], message },
	]);
}

function traitsOf(model: Model, { live, pool }: AtHand): Traits | null {
	return live.get(pool)?.get(`inpaint:${model.name}`) ?? null;
}

function canDo({ operation, shapeGuided, prompted }: EditWants, traits: Traits | null): boolean {
	return traits?.operations.includes(operation) === true && (!shapeGuided || traits.shapeGuided) && !(prompted && traits.ignoresPrompt);
}

/** A ControlNet of the model's family whose map the engines at hand make from the picture. */
function netFor(control: string, model: Model, traits: Traits | null, { controlNets }: OperatorConfig): ControlNet | null {
	if (!traits || traits.maxControlNets === 0 || !traits.preprocessors.includes(control)) return null;
	const fits = ({ name, family, preprocessor }: ControlNet) =>
		preprocessor === control && family === model.recipe?.family && traits.controlNets.includes(name);
	return controlNets.find(fits) ?? null;
}

/** Says what is missing, and what would help: the request without a wish, or an engine. */
function unavailable(wants: EditWants, allowed: readonly Model[], atHand: AtHand): GlassworksError {
	const { operation, model, control, shapeGuided, prompted } = wants;
	const plain = allowed.filter((entry) => canDo({ ...wants, shapeGuided: false, prompted: false }, traitsOf(entry, atHand)));
	if (plain.length > 0 && control !== null)
		return unsupported(["refine", "control"], `no engine at hand refines ${operation} with "${control}"; leave refine out`);
	if (plain.length > 0 && shapeGuided)
		return unsupported(["shape_fidelity"], `no engine at hand follows the mask's shape when asked to ${operation}; leave it out`);
	if (plain.length > 0 && prompted)
		return unsupported(["prompt"], `no engine at hand draws from words when asked to ${operation}; leave it out`);
	const names = allowed.map(({ name }) => name);
	const help = names.length > 0 ? `an engine that runs ${names.join(" or ")} for it would help` : "no model is configured for it";
	const who = model === null ? `No engine at hand can ${operation}` : `No engine at hand can ${operation} with ${model}`;
	return new GlassworksError("edit_unavailable", `${who}: ${help}.`, { operation, models: names }, [
		{ path: ["operation"], message: `no engine at hand can ${operation}: ${help}` },
	]);
}
