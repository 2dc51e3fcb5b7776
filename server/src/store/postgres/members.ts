import { GlassworksError } from "../../domain/errors.ts";
import type { Member, MemberStore, Membership, Standing } from "../../domain/people/memberStore.ts";
import type { Role } from "../../domain/people/role.ts";
import { type Database, type Session, sql } from "../sql.ts";
import { countOwners, lockTenant, refuseOwners } from "./accountRules.ts";
import { acceptInvitation, invite, listInvitations, openInvitation, withdraw } from "./invitations.ts";

const columns = sql`m.user_id as "userId", p.name, p.email, m.role, m.created_at as "joinedAt"`;
const memberships = sql`select m.tenant_id as "tenantId", t.name, t.plan, m.role from members m join tenants t on t.id = m.tenant_id`;

export function createMemberStore(database: Database): MemberStore {
	return {
		async list(tenantId, { limit, before }) {
			const after = before
				? sql`and (m.created_at, m.user_id) > (select created_at, user_id from members where tenant_id = ${tenantId} and user_id = ${before})`
				: sql``;
			const rows = await database.query<Member>(sql`select ${columns} from members m join people p on p.id = m.user_id
				where m.tenant_id = ${tenantId} ${after} order by m.created_at, m.user_id limit ${limit + 1}`);
			const members = rows.slice(0, limit);
			return { members, next: rows.length > limit ? (members.at(-1)?.userId ?? null) : null };
		},
		get: (tenantId, userId) => readMember(database, tenantId, userId),
		async roleOf(tenantId, userId) {
			const [row] = await database.query<{ role: Role }>(
				sql`select role from members where tenant_id = ${tenantId} and user_id = ${userId}`,
			);
			return row?.role ?? null;
		},
		setRole: (tenantId, userId, role, standing) =>
			database.transaction(async (tx) => {
				await lockTenant(tx, tenantId);
				const member = await readMember(tx, tenantId, userId);
				const owners = await countOwners(tx, tenantId);
				if (member.role === role) return member;
				refuseOwners(standing, [member.role, role], owners);
				if (member.role === "owner" && owners === 1) throw lastOwner();
				await tx.query(sql`update members set role = ${role} where tenant_id = ${tenantId} and user_id = ${userId}`);
				return { ...member, role };
			}),
		remove: (tenantId, userId, standing) => database.transaction((tx) => removeMember(tx, tenantId, userId, standing)),
		membershipsOf: (userId) =>
			database.query<Membership>(sql`${memberships} where m.user_id = ${userId} order by m.created_at, m.tenant_id`),
		found: (userId, tenant, most) => database.transaction((tx) => foundTenant(tx, userId, tenant, most)),
		invite: (invitation, standing) => database.transaction((tx) => invite(tx, invitation, standing)),
		listInvitations: (tenantId, page) => listInvitations(database, tenantId, page),
		withdraw: (tenantId, id) => withdraw(database, tenantId, id),
		openInvitation: (tokenHash) => openInvitation(database, tokenHash),
		accept: (tokenHash, userId) => database.transaction((tx) => acceptInvitation(tx, tokenHash, userId)),
		openSession: (session) => openSession(database, session),
		async enter(tokenHash, userId, tenantId) {
			const rows = await database.query(sql`update sessions s set tenant_id = m.tenant_id from members m
				where s.token_hash = ${tokenHash} and s.user_id = ${userId} and m.user_id = s.user_id and m.tenant_id = ${tenantId} returning s.id`);
			if (rows.length === 0) throw new GlassworksError("not_found", "You belong to no such account.");
		},
		async endSessions(userId, except) {
			await database.query(sql`delete from sessions where user_id = ${userId} and token_hash is distinct from ${except}`);
		},
		async forgetExpired() {
			await database.query(sql`delete from sessions where expires_at < clock_timestamp()`);
			await database.query(sql`delete from verifications where expires_at < clock_timestamp()`);
			await database.query(sql`delete from invitations where expires_at < clock_timestamp() - interval '30 days'`);
		},
	};
}

async function readMember(session: Session, tenantId: string, userId: string): Promise<Member> {
	const [member] = await session.query<Member>(sql`select ${columns} from members m join people p on p.id = m.user_id
		where m.tenant_id = ${tenantId} and m.user_id = ${userId}`);
	if (!member) throw new GlassworksError("not_found", "No such person in the account.");
	return member;
}

function lastOwner(): GlassworksError {
	return new GlassworksError("last_owner", "This is the account's last owner. Make somebody else owner first.");
}

async function removeMember(tx: Session, tenantId: string, userId: string, standing: Standing): Promise<void> {
	await lockTenant(tx, tenantId);
	const { role } = await readMember(tx, tenantId, userId);
	const owners = await countOwners(tx, tenantId);
	refuseOwners(standing, [role], owners);
	if (role === "owner" && owners === 1) throw lastOwner();
	await tx.query(sql`delete from members where tenant_id = ${tenantId} and user_id = ${userId}`);
	await tx.query(sql`delete from sessions where tenant_id = ${tenantId} and user_id = ${userId}`);
}

async function foundTenant(
	tx: Session,
	userId: string,
	{ id, name, plan }: Parameters<MemberStore["found"]>[1],
	most: number,
): Promise<Membership> {
	// Two at once would both find room.
	await tx.query(sql`select id from people where id = ${userId} for no key update`);
	const read = async () => (await tx.query<Membership>(sql`${memberships} where m.user_id = ${userId} and m.tenant_id = ${id}`))[0];
	const known = await read();
	if (known) return known;
	const [owned] = await tx.query<{ count: number }>(
		sql`select count(*)::int as count from members where user_id = ${userId} and role = 'owner'`,
	);
	if ((owned?.count ?? 0) >= most) throw new GlassworksError("account_limit", `A person owns at most ${most} accounts.`, { max: most });
	await tx.query(sql`insert into tenants (id, name, plan, postpaid) values (${id}, ${name}, ${plan}, false)`);
	await tx.query(sql`insert into members (tenant_id, user_id, role) values (${id}, ${userId}, 'owner')`);
	const made = await read();
	if (!made) throw new Error("the account that was just made is not there");
	return made;
}

async function openSession(
	database: Database,
	{ token, tokenHash, userId, tenantId }: Parameters<MemberStore["openSession"]>[0],
): Promise<{ tenantId: string }> {
	const [opened] = await database.query<{ tenantId: string }>(sql`with home as (
			select m.tenant_id from members m where m.user_id = ${userId} and (${tenantId}::text is null or m.tenant_id = ${tenantId})
			order by (select max(s.updated_at) from sessions s where s.user_id = m.user_id and s.tenant_id = m.tenant_id) desc nulls last,
				m.created_at, m.tenant_id limit 1)
		update sessions s set tenant_id = home.tenant_id, token_hash = ${tokenHash} from home
		where s.token_hash = ${token} and s.user_id = ${userId} returning s.tenant_id as "tenantId"`);
	if (opened) return opened;
	await database.query(sql`delete from sessions where token_hash = ${token} and user_id = ${userId}`);
	throw new GlassworksError("no_account", "You belong to no account here. Ask whoever manages one for an invitation.");
}
