import { z } from "zod";
import { roles } from "../domain/people/role.ts";
import { pageQuery, timestamp } from "./common.ts";
import { ofTenant } from "./key.ts";

const email = z.email().max(254).toLowerCase().describe("Compared in lower case.");
const name = z
	.string()
	.trim()
	.min(1)
	.max(100)
	.regex(/^\P{Cc}*$/u, "must be one line of text");
const password = z.string().min(1).max(512);
const newPassword = password.describe("10 to 128 characters that are hard to guess: several words that do not belong together are good.");
const token = z.string().min(1).max(2_000).describe("What follows # in the mailed link.");
const role = z
	.enum(roles)
	.describe("viewer: looks; member: also makes pictures; admin: also manages people, keys and webhooks; owner: also names owners.");

export const signUp = z.strictObject({ email, name, password: newPassword }).meta({ id: "SignUp" });
export const signIn = z
	.strictObject({ email, password, invitation: token.optional().describe("Accepts it too: what follows # in its link.") })
	.meta({ id: "SignIn" });
export const mailedToken = z.strictObject({ token }).meta({ id: "MailedToken" });
export const address = z.strictObject({ email }).meta({ id: "Address" });
export const resetPassword = z.strictObject({ token, password: newPassword }).meta({ id: "ResetPassword" });
export const changePassword = z.strictObject({ current: password, password: newPassword }).meta({ id: "ChangePassword" });
export const join = z.strictObject({ token, name, password: newPassword }).meta({ id: "Join" });
export const mailed = z
	.object({ status: z.literal("mailed").describe("The same whether the address is known or not.") })
	.meta({ id: "Mailed" });

export const member = z
	.object({ id: z.string().describe("Of the person."), name: z.string(), email: z.string(), role, joined_at: timestamp })
	.meta({ id: "Member" });
const next = z.string().nullable().describe("Pass as `before`; null at the end.");
export const memberPage = z.object({ data: z.array(member), next }).meta({ id: "MemberList" });
export const changeMember = z.strictObject({ role }).meta({ id: "ChangeMember" });
export const pageOfTenant = pageQuery.extend(ofTenant.shape);

export const invitation = z
	.object({
		id: z.string(),
		email: z.string(),
		role,
		invited_by: z.string().nullable().describe("Id of the person who did; null: a key or the server's machine."),
		created_at: timestamp,
		expires_at: timestamp,
	})
	.meta({ id: "Invitation" });
export const invitationPage = z.object({ data: z.array(invitation), next }).meta({ id: "InvitationList" });
export const createInvitation = z.strictObject({ email, role: role.default("member") }).meta({ id: "CreateInvitation" });
export const createdInvitation = z
	.object({
		invitation,
		link: z
			.string()
			.nullable()
			.describe("For operators, who may hand it on themselves; null for others: the mail alone shows whose the address is."),
	})
	.meta({ id: "CreatedInvitation" });
export const openedInvitation = z
	.object({
		organisation: z.string(),
		email: z.string(),
		role,
		expires_at: timestamp,
		person_exists: z.boolean().describe("True: sign in to accept. False: join with a name and a password."),
	})
	.meta({ id: "OpenedInvitation" });

export const organisation = z
	.object({
		id: z.string().describe("The account's `tenant_id`."),
		name: z.string(),
		plan: z.string(),
		role,
		active: z.boolean().describe("You are in it now."),
	})
	.meta({ id: "Organisation" });
export const organisationList = z.object({ data: z.array(organisation) }).meta({ id: "OrganisationList" });
export const createOrganisation = z.strictObject({ name }).meta({ id: "CreateOrganisation" });

export const tenant = z
	.object({
		id: z.string(),
		name: z.string(),
		plan: z.string(),
		postpaid: z.boolean().describe("May owe: work is not limited by credit."),
		created_at: timestamp,
		deletion_asked_at: timestamp.nullable().describe("Nobody acts for it since; null: it is not deleted."),
		deleted_at: timestamp.nullable().describe("When nothing was left of it but what the books need."),
	})
	.meta({ id: "Tenant" });
export const tenantPage = z.object({ data: z.array(tenant), next }).meta({ id: "TenantList" });
export const createTenant = z
	.strictObject({
		name,
		plan: z.string().max(100).describe("A plan of the operator's file."),
		postpaid: z.boolean().default(false).describe("May owe: work is not limited by credit."),
	})
	.meta({ id: "CreateTenant" });
