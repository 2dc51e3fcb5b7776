import type { z } from "zod";
import type { foretoldQuote } from "../contract/generation.ts";
import type { Waiting } from "../domain/jobs/queueView.ts";
import type { Quote } from "../domain/pricing/quote.ts";
import { presentQuote } from "./presentPrice.ts";
import { presentWaiting } from "./presentWaiting.ts";

/** A quote with place, reason and ETA, were it accepted now. */
export function presentForetold({ quote, waiting }: { quote: Quote; waiting: Waiting | null }): z.infer<typeof foretoldQuote> {
	return { ...presentQuote(quote), waiting: waiting && presentWaiting(waiting) };
}
