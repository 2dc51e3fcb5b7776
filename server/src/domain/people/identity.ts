import type { Role } from "./role.ts";

/** A person, whatever accounts they belong to. */
export interface Person {
	id: string;
	name: string;
	/** Lower case. */
	email: string;
	/** Whether they have shown that mail to the address reaches them. Before that they cannot sign in. */
	isVerified: boolean;
	createdAt: Date;
}

/**
 * Who people are: addresses, passwords and sessions. Addresses are compared in lower case. What it answers does not say whether
 * an address is known, except to who shows that it is theirs, and slow work is done or put off either way.
 */
export interface Identity {
	/** Notes a person and mails them a link that verifies the address; who is known already is mailed that. */
	signUp(person: { email: string; name: string; password: string }): Promise<void>;
	/**
	 * A person whose address is known to be theirs, with this password. Takes over one of that address who never verified it.
	 * @throws {GlassworksError} person_exists
	 */
	admit(person: { email: string; name: string; password: string }): Promise<Person>;
	/**
	 * A new session's token, which is of no account yet: see MemberStore.openSession.
	 * @throws {GlassworksError} sign_in_failed; address_not_verified, when the password is right; unavailable, when too many ask at once
	 */
	signIn(email: string, password: string): Promise<{ person: Person; token: string }>;
	/** As signIn, for who has shown in another way who they are. */
	startSession(userId: string): Promise<string>;
	/** Mails the link that verifies an address again, where it is known and not verified. */
	sendVerification(email: string): Promise<void>;
	/** @throws {GlassworksError} link_invalid */
	verify(token: string): Promise<void>;
	/** Mails a link to choose a new password, where the address is known. */
	forgot(email: string): Promise<void>;
	/** Ends every session of the person; verifies the address, since the link was mailed there. @throws {GlassworksError} link_invalid */
	reset(token: string, password: string): Promise<void>;
	/** @throws {GlassworksError} sign_in_failed */
	checkPassword(userId: string, password: string): Promise<void>;
	/** @throws {GlassworksError} sign_in_failed, when the old one is wrong */
	changePassword(userId: string, oldPassword: string, newPassword: string): Promise<void>;
	/** Null: there is none, or the link is not valid. Whose password a link resets. */
	ofResetLink(token: string): Promise<Person | null>;
	/** Whether somebody has signed up with the address and verified it. Only for who has shown that it is theirs. */
	isVerified(email: string): Promise<boolean>;
	/** @throws {GlassworksError} unavailable */
	mailInvitation(invitation: { email: string; organisation: string; role: Role; inviter: string | null; token: string }): Promise<void>;
	/** Null: there is none. */
	find(userId: string): Promise<Person | null>;
}
