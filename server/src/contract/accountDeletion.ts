import { z } from "zod";
import { timestamp } from "./common.ts";

const confirm = z.string().max(200).describe("The account's name, exactly, so that none is deleted by mistake.");

export const deleteAccount = z
	.strictObject({
		confirm,
		password: z.string().min(1).max(512).optional().describe("Yours, where you are signed in as a person."),
	})
	.meta({ id: "DeleteAccount" });

export const deleteTenant = z.strictObject({ confirm }).meta({ id: "DeleteTenant" });

export const accountDeletion = z
	.object({
		id: z.string().describe("The receipt. GET /api/v1/account-deletions/{id} needs nothing else: keys are dead by then."),
		tenant_id: z.string(),
		status: z.enum(["running", "complete"]),
		asked_at: timestamp,
		completed_at: timestamp.nullable().describe("When the last picture was removed; null: not yet."),
	})
	.meta({ id: "AccountDeletion" });
