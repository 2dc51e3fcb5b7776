import { expect, it } from "vitest";
import { glassworks } from "../../../../glassworks.config.ts";
import { noTraits, type Traits } from "../engines/traits.ts";
import { GlassworksError } from "../errors.ts";
import { operatorConfig } from "../plans/operatorConfig.ts";
import { chooseEditModel, type EditWants } from "./chooseEditModel.ts";

const config = operatorConfig.parse(glassworks);
const local: Record<string, Partial<Traits>> = {
	telea: { operations: ["remove", "fill"] },
	embedded: { operations: ["replace", "insert"] },
	mirror: { operations: ["outpaint"], ignoresPrompt: true },
};
const all: Traits["operations"] = ["remove", "fill", "replace", "insert", "outpaint"];

const choose = (wants: Partial<EditWants>, engines: Record<string, Partial<Traits>> = local, plan = "pro", pool = "gpu") => {
	const capabilities = Object.entries(engines).map(([name, traits]) => [`inpaint:${name}` as const, { ...noTraits, ...traits }] as const);
	const live = new Map([[pool, new Map(capabilities)]]);
	const chosen = config.plans[plan];
	if (!chosen) throw new Error(`no plan ${plan}`);
	const asked: EditWants = { operation: "remove", model: null, control: null, shapeGuided: false, prompted: false, ...wants };
	return chooseEditModel(asked, { config, plan: chosen, planName: plan, live, pool: "gpu" });
};
const refusal = (work: () => unknown) => {
	try {
		work();
	} catch (error) {
		if (error instanceof GlassworksError) return error;
		throw error;
	}
	throw new Error("nothing was refused");
};

it("with nothing installed, removing and filling fall back on Telea, drawing on the built-in model", () => {
	expect(choose({ operation: "remove" }).model.name).toBe("telea");
	expect(choose({ operation: "fill" }).model.name).toBe("telea");
	expect(choose({ operation: "replace" }).model.name).toBe("embedded");
	expect(choose({ operation: "insert" }).model.name).toBe("embedded");
	expect(choose({ operation: "outpaint" }).model.name).toBe("mirror");
});

it("the operator's first model that an engine at hand can use for the operation wins", () => {
	const engines = { ...local, sdxl: { operations: all }, sd15: { operations: ["replace"] as Traits["operations"] } };
	expect(choose({ operation: "remove" }, engines).model.name).toBe("sdxl");
	expect(choose({ operation: "replace" }, engines).model.name).toBe("sdxl");
	expect(choose({ operation: "outpaint" }, engines).model.name).toBe("sdxl");
	expect(choose({ operation: "remove" }, { ...engines, sd15: { operations: all } }).model.name).toBe("sd15");
});

it("words are not dropped: where nothing at hand follows them they are refused, by their field", () => {
	expect(refusal(() => choose({ operation: "outpaint", prompted: true }))).toMatchObject({
		...{ code: "unsupported_by_model", fields: [{ path: ["prompt"] }] },
	});
	const engines = { ...local, sdxl: { operations: all } };
	expect(choose({ operation: "outpaint", prompted: true }, engines).model.name).toBe("sdxl");
});

it("models that the plan lacks are passed over, and named when only they could", () => {
	const engines = { ...local, sdxl: { operations: all } };
	expect(choose({ operation: "remove" }, engines, "free").model.name).toBe("telea");
	expect(choose({ operation: "outpaint" }, engines, "free").model.name).toBe("mirror");
	expect(refusal(() => choose({ operation: "outpaint", prompted: true }, engines, "free"))).toMatchObject({
		code: "model_not_in_plan",
		data: { plans: expect.arrayContaining(["pro"]) },
	});
	expect(refusal(() => choose({ model: "sdxl" }, engines, "free")).code).toBe("model_not_in_plan");
});

it("workers of another pool do not count", () => {
	expect(refusal(() => choose({}, local, "pro", "gpu-of-somebody")).code).toBe("edit_unavailable");
});

it("a ControlNet is chosen by kind, of the model's family, where an engine has it and makes its map", () => {
	const able: Partial<Traits> = {
		operations: all,
		controlNets: ["sdxl-canny", "sd15-canny"],
		maxControlNets: null,
		preprocessors: ["canny"],
	};
	const engines = { flux: { operations: all }, sdxl: able };
	const { model, net } = choose({ operation: "replace", control: "canny" }, engines);
	expect([model.name, net?.name]).toEqual(["sdxl", "sdxl-canny"]);
	expect(choose({ operation: "replace" }, engines).net).toBeNull();
	expect(choose({ operation: "replace" }, engines).model.name).toBe("flux");
	for (const lacking of [{ preprocessors: [] }, { controlNets: ["sd15-canny"] }, { maxControlNets: 0 }])
		expect(refusal(() => choose({ operation: "replace", control: "canny" }, { sdxl: { ...able, ...lacking } }))).toMatchObject({
			code: "unsupported_by_model",
			fields: [{ path: ["refine", "control"] }],
		});
});

it("a mask's shape is followed only by an engine that can", () => {
	const engines = { ...local, sd15: { operations: all, shapeGuided: true }, flux: { operations: all } };
	expect(choose({ operation: "insert", shapeGuided: true }, engines).model.name).toBe("sd15");
	expect(refusal(() => choose({ operation: "insert", shapeGuided: true })).fields[0]?.path).toEqual(["shape_fidelity"]);
});

it("what nothing at hand can do names the operation and what would help", () => {
	const error = refusal(() => choose({ operation: "outpaint" }, { telea: { operations: ["remove"] } }));
	expect(error).toMatchObject({ code: "edit_unavailable", data: { operation: "outpaint", models: ["flux", "sdxl", "sd15", "mirror"] } });
	expect(error.message).toMatch(/No engine at hand can outpaint: .*flux or sdxl or sd15 or mirror/);
	expect(error.fields[0]?.message).toMatch(/^no engine at hand can outpaint: an engine that runs .* would help$/);
	expect(refusal(() => choose({ model: "flux" }))).toMatchObject({
		code: "edit_unavailable",
		message: expect.stringContaining("with flux"),
	});
	expect(refusal(() => choose({ model: "nobody" })).code).toBe("unknown_model");
});
