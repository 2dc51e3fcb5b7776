import { GlassworksError } from "../../domain/errors.ts";
import type { Invitation, MemberStore, OpenedInvitation, Page, Standing } from "../../domain/people/memberStore.ts";
import { type Role, roles } from "../../domain/people/role.ts";
import { type Database, type Session, sql } from "../sql.ts";
import { countOwners, lockTenant, refuseOwners } from "./accountRules.ts";

/** Per account. */
const mostMembers = 1_000;
/** Waiting ones of an account. */
const mostInvitations = 100;

const columns = sql`i.id, i.tenant_id as "tenantId", i.email, i.role, i.invited_by as "invitedBy", i.created_at as "createdAt",
	i.expires_at as "expiresAt"`;

export async function invite(tx: Session, asked: Parameters<MemberStore["invite"]>[0], standing: Standing): Promise<Invitation> {
	const { id, tenantId, email, role, tokenHash, invitedBy, expiresAt } = asked;
	await lockTenant(tx, tenantId);
	refuseOwners(standing, [role], await countOwners(tx, tenantId));
	const [there] = await tx.query<{ members: number; isMember: boolean; waiting: number }>(sql`select
		(select count(*)::int from members where tenant_id = ${tenantId}) as members,
		exists (select 1 from members m join people p on p.id = m.user_id where m.tenant_id = ${tenantId} and p.email = ${email}) as "isMember",
		(select count(*)::int from invitations where tenant_id = ${tenantId} and email <> ${email} and expires_at > clock_timestamp()) as waiting`);
	if (there?.isMember) throw new GlassworksError("already_member", "This person belongs to the account already.");
	if ((there?.members ?? 0) >= mostMembers) throw limitReached(`An account has at most ${mostMembers} people.`, mostMembers);
	if ((there?.waiting ?? 0) >= mostInvitations)
		throw limitReached(`An account has at most ${mostInvitations} invitations that wait.`, mostInvitations);
	const [made] =
		await tx.query<Invitation>(sql`insert into invitations as i (id, tenant_id, email, role, token_hash, invited_by, expires_at)
		values (${id}, ${tenantId}, ${email}, ${role}, ${tokenHash}, ${invitedBy}, ${expiresAt})
		on conflict (tenant_id, email) do update set id = excluded.id, role = excluded.role, token_hash = excluded.token_hash,
			invited_by = excluded.invited_by, created_at = clock_timestamp(), expires_at = excluded.expires_at
		returning ${columns}`);
	if (!made) throw new Error("insert returned nothing");
	return made;
}

export async function listInvitations(
	database: Database,
	tenantId: string,
	{ limit, before }: Page,
): Promise<{ invitations: Invitation[]; next: string | null }> {
	const after = before ? sql`and i.id < ${before}` : sql``;
	const rows = await database.query<Invitation>(
		sql`select ${columns} from invitations i where i.tenant_id = ${tenantId} ${after} order by i.id desc limit ${limit + 1}`,
	);
	const invitations = rows.slice(0, limit);
	return { invitations, next: rows.length > limit ? (invitations.at(-1)?.id ?? null) : null };
}

export async function withdraw(database: Database, tenantId: string, id: string): Promise<void> {
	const rows = await database.query(sql`delete from invitations where tenant_id = ${tenantId} and id = ${id} returning id`);
	if (rows.length === 0) throw new GlassworksError("not_found", "No such invitation.");
}

export async function openInvitation(session: Session, tokenHash: string): Promise<OpenedInvitation | null> {
	const [found] = await session.query<OpenedInvitation>(sql`select ${columns}, t.name as organisation from invitations i
		join tenants t on t.id = i.tenant_id where i.token_hash = ${tokenHash} and i.expires_at > clock_timestamp()`);
	return found ?? null;
}

export async function acceptInvitation(tx: Session, tokenHash: string, userId: string): Promise<{ tenantId: string }> {
	const opened = await openInvitation(tx, tokenHash);
	if (!opened) throw linkInvalid();
	const { tenantId, role } = opened;
	await lockTenant(tx, tenantId);
	// Another may have used or withdrawn it before the account was ours.
	const used = await tx.query(sql`delete from invitations where token_hash = ${tokenHash} returning id`);
	if (used.length === 0) throw linkInvalid();
	const [member] = await tx.query<{ role: Role }>(sql`select role from members where tenant_id = ${tenantId} and user_id = ${userId}`);
	if (!member) await tx.query(sql`insert into members (tenant_id, user_id, role) values (${tenantId}, ${userId}, ${role})`);
	else if (roles.indexOf(role) < roles.indexOf(member.role))
		await tx.query(sql`update members set role = ${role} where tenant_id = ${tenantId} and user_id = ${userId}`);
	return { tenantId };
}

function linkInvalid(): GlassworksError {
	return new GlassworksError("link_invalid", "The invitation was used, withdrawn or has expired. Ask for a new one.");
}

function limitReached(message: string, max: number): GlassworksError {
	return new GlassworksError("account_limit", message, { max });
}
