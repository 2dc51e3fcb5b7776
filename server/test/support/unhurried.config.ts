import { glassworks as shipped } from "../../../glassworks.config.ts";

const withoutRates = Object.entries(shipped.plans).map(([name, plan]) => [name, { ...plan, rate: null, requestRate: null }]);
const never = { requests: 1_000_000, per: "minute" };

/** The shipped plans, as often as a test asks. */
export const glassworks = { ...shipped, plans: Object.fromEntries(withoutRates), limits: { strangers: never, signIns: never } };
