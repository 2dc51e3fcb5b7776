import { glassworks as shipped } from "./signUp.config.ts";

/** The same under another name. */
export const glassworks = { ...shipped, brand: { ...shipped.brand, name: "Acme Pictures" } };
