import type { Role } from "./role.ts";

/** A person in an account. */
export interface Member {
	userId: string;
	name: string;
	email: string;
	role: Role;
	joinedAt: Date;
}

/** An account, as one of its members sees it. */
export interface Membership {
	tenantId: string;
	name: string;
	plan: string;
	role: Role;
}

export interface Invitation {
	id: string;
	tenantId: string;
	email: string;
	role: Role;
	/** The person who invited; null: a key did, or this machine's own token. */
	invitedBy: string | null;
	createdAt: Date;
	expiresAt: Date;
}

/** What an invitation says to whoever has its link. */
export interface OpenedInvitation extends Invitation {
	organisation: string;
}

export interface Page {
	limit: number;
	before: string | null;
}

/** How far who asks may go. All may deal with admins, members and viewers. */
export interface Standing {
	/** May also make and unmake owners: owners and operators. Others may only name the first one, where there is none. */
	isOverOwners: boolean;
}

/**
 * Who belongs to which account. An account that has people keeps at least one owner: whatever would take the last one away is refused
 * (`last_owner`), however many ask at once.
 */
export interface MemberStore {
	/** In the order they joined. */
	list(tenantId: string, page: Page): Promise<{ members: Member[]; next: string | null }>;
	/** @throws {GlassworksError} not_found */
	get(tenantId: string, userId: string): Promise<Member>;
	/** Null: not a member. */
	roleOf(tenantId: string, userId: string): Promise<Role | null>;
	/** @throws {GlassworksError} not_found, forbidden, last_owner */
	setRole(tenantId: string, userId: string, role: Role, standing: Standing): Promise<Member>;
	/** Ends their sessions in the account too. @throws {GlassworksError} not_found, forbidden, last_owner */
	remove(tenantId: string, userId: string, standing: Standing): Promise<void>;
	/** The accounts a person belongs to, in the order they joined. */
	membershipsOf(userId: string): Promise<Membership[]>;
	/**
	 * A new account with the person as its owner. With an id that is there already and theirs, that one.
	 * @throws {GlassworksError} account_limit, when they own `most` already
	 */
	found(userId: string, tenant: { id: string; name: string; plan: string }, most: number): Promise<Membership>;

	/** Replaces an earlier invitation of the address. @throws {GlassworksError} forbidden, already_member, account_limit */
	invite(invitation: Omit<Invitation, "createdAt"> & { tokenHash: string }, standing: Standing): Promise<Invitation>;
	/** Newest first, those that have expired included. */
	listInvitations(tenantId: string, page: Page): Promise<{ invitations: Invitation[]; next: string | null }>;
	/** @throws {GlassworksError} not_found */
	withdraw(tenantId: string, invitationId: string): Promise<void>;
	/** Null: unknown, withdrawn, used or expired. */
	openInvitation(tokenHash: string): Promise<OpenedInvitation | null>;
	/** Makes the person a member, once; a member they are keeps the mightier role. @throws {GlassworksError} link_invalid */
	accept(tokenHash: string, userId: string): Promise<{ tenantId: string }>;

	/**
	 * Makes a new session of Identity one of an account: `tenantId`, else the one they were in last, else the first they joined. From then on
	 * only the hash of its token is known. Without an account the session ends.
	 * @throws {GlassworksError} no_account
	 */
	openSession(session: { token: string; tokenHash: string; userId: string; tenantId: string | null }): Promise<{ tenantId: string }>;
	/** @throws {GlassworksError} not_found, when they are no member */
	enter(tokenHash: string, userId: string, tenantId: string): Promise<void>;
	/** Ends a person's sessions; `except` is the hash of the one to keep. */
	endSessions(userId: string, except: string | null): Promise<void>;
	/** Removes sessions, invitations and mailed links that have expired. */
	forgetExpired(): Promise<void>;
}
