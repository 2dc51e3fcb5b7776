import type { Books } from "../../domain/pricing/books.ts";
import type { Database } from "../sql.ts";
import { readEarnings } from "./earnings.ts";
import { verifyLedger } from "./ledgerAudit.ts";

export function createBooks(database: Database): Books {
	return { verify: () => verifyLedger(database), earnings: (days) => readEarnings(database, days) };
}
