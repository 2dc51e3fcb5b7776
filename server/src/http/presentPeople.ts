import type { z } from "zod";
import type { invitation, member, organisation, tenant } from "../contract/people.ts";
import type { Invitation, Member, Membership } from "../domain/people/memberStore.ts";
import type { Tenant } from "../domain/plans/accountStore.ts";

export function presentMember({ userId, name, email, role, joinedAt }: Member): z.infer<typeof member> {
	return { id: userId, name, email, role, joined_at: joinedAt.toISOString() };
}

export function presentInvitation({ id, email, role, invitedBy, createdAt, expiresAt }: Invitation): z.infer<typeof invitation> {
	return { id, email, role, invited_by: invitedBy, created_at: createdAt.toISOString(), expires_at: expiresAt.toISOString() };
}

export function presentOrganisation({ tenantId, name, plan, role }: Membership, activeId: string): z.infer<typeof organisation> {
	return { id: tenantId, name, plan, role, active: tenantId === activeId };
}

export function presentTenant({ id, name, plan, postpaid, ...at }: Tenant): z.infer<typeof tenant> {
	return {
		...{ id, name, plan, postpaid, created_at: at.createdAt.toISOString() },
		deletion_asked_at: at.deletionAskedAt?.toISOString() ?? null,
		deleted_at: at.deletedAt?.toISOString() ?? null,
	};
}
