import { glassworks as shipped } from "./unhurried.config.ts";

/** Anybody may make an account. */
export const glassworks = { ...shipped, people: { signUp: "open" } };
