import { glassworks as unhurried } from "./unhurried.config.ts";

/** As unhurried, and the built-in model has a price: pictures on which a plan saves nothing draw nothing of its month. */
export const glassworks = { ...unhurried, models: unhurried.models.map((model) => ({ ...model, priceMicroUsd: 10_000 })) };
