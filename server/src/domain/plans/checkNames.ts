import { type StepKind, stepKinds } from "../ports.ts";

/** What of the operator's file names something else of it. */
interface Named {
	plans: Record<string, { models: "all" | string[] }>;
	models: {
		name: string;
		steps: string[];
		minSidePx: number;
		maxSidePx: number;
		defaultSidePx: number;
		maxSteps: number;
		defaultSteps: number;
	}[];
	people: { signUp: string; plan: string };
	defaultModel: string;
	edits: Partial<Record<string, string[]>>;
	pools: Record<string, { steps: StepKind[] }>;
}

interface Mistake {
	path: (string | number)[];
	message: string;
}

/** Names in the operator's file that name nothing in it, and numbers that contradict each other: where, and what would be right. */
export function checkNames(file: Named): Mistake[] {
	return [...checkPlans(file), ...checkModels(file), ...checkEdits(file), ...checkPools(file)];
}

const listed = (names: string[]) => (names.length > 0 ? names.join(", ") : "none");

function checkPlans({ plans, models, people }: Named): Mistake[] {
	const names = models.map(({ name }) => name);
	const owner = plans.owner ? [] : [{ path: ["plans"], message: "needs a plan named owner: that of who runs the server" }];
	// Only asked of files that let anybody in.
	const home =
		people.signUp !== "open" || plans[people.plan]
			? []
			: [{ path: ["people", "plan"], message: `names no plan: ${people.plan}; there are ${listed(Object.keys(plans))}` }];
	const unknown = Object.entries(plans).flatMap(([plan, { models: included }]) =>
		(included === "all" ? [] : included).flatMap((name, place) =>
			names.includes(name)
				? []
				: [{ path: ["plans", plan, "models", place], message: `names no model: ${name}; there are ${listed(names)}` }],
		),
	);
	return [...owner, ...unknown, ...home];
}

function checkModels({ models, defaultModel }: Named): Mistake[] {
	const names = models.map(({ name }) => name);
	const mistakes: Mistake[] = models.flatMap((model, place) => {
		const at = (field: string, message: string) => ({ path: ["models", place, field], message });
		return [
			...(names.indexOf(model.name) < place ? [at("name", `is taken: another model is named ${model.name}`)] : []),
			...(model.minSidePx > model.maxSidePx ? [at("minSidePx", `must be at most maxSidePx, ${model.maxSidePx}`)] : []),
			...(model.defaultSidePx < model.minSidePx || model.defaultSidePx > model.maxSidePx
				? [at("defaultSidePx", `must be from minSidePx to maxSidePx, ${model.minSidePx} to ${model.maxSidePx}`)]
				: []),
			...(model.defaultSteps > model.maxSteps ? [at("defaultSteps", `must be at most maxSteps, ${model.maxSteps}`)] : []),
		];
	});
	if (!names.includes(defaultModel))
		mistakes.push({ path: ["defaultModel"], message: `names no model: ${defaultModel}; there are ${listed(names)}` });
	return mistakes;
}

function checkEdits({ edits, models }: Named): Mistake[] {
	const repaint = models.filter(({ steps }) => steps.includes("inpaint")).map(({ name }) => name);
	return Object.entries(edits).flatMap(([operation, names = []]) =>
		names.flatMap((name, place) =>
			repaint.includes(name)
				? []
				: [{ path: ["edits", operation, place], message: `names no model that repaints: ${name}; there are ${listed(repaint)}` }],
		),
	);
}

function checkPools({ pools }: Named): Mistake[] {
	// Trainings run where pictures are drawn.
	return stepKinds.flatMap((kind) => {
		if (kind === "train_lora") return [];
		const having = Object.keys(pools).filter((name) => pools[name]?.steps.includes(kind));
		if (having.length === 1) return [];
		return [
			{ path: ["pools"], message: `${kind} must be in exactly one pool; it is in ${having.length > 0 ? having.join(" and ") : "none"}` },
		];
	});
}
