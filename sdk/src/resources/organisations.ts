import type { Transport } from "../http/transport.ts";
import type {
	CreatedInvitation,
	CreateInvitation,
	Invitation,
	InvitationPage,
	Member,
	MemberPage,
	OpenedInvitation,
	Organisation,
	Session,
} from "../types.ts";
import { iteratePages } from "./iteratePages.ts";

interface Signalled {
	signal?: AbortSignal;
}
interface OfTenant extends Signalled {
	/** Id of another account, for operators. Default: your own. */
	tenant?: string;
}
export interface ListPeopleOptions extends OfTenant {
	/** Per page, 1 to 100. Default: the server's, 20. */
	limit?: number;
	/** `next` of the page before. */
	before?: string;
}
type Role = Member["role"];

/** The accounts that the person who signed in belongs to. */
export function organisations(transport: Transport) {
	return {
		list: async ({ signal }: Signalled = {}): Promise<Organisation[]> =>
			(await transport.json<{ data: Organisation[] }>("/api/v1/organisations", { signal })).data,
		/** Another account of one's own. With an idempotency key it is made once. @throws {GlassworksApiError} account_limit */
		create: (name: string, { idempotencyKey = crypto.randomUUID(), signal }: Signalled & { idempotencyKey?: string } = {}) =>
			transport.json<Organisation>("/api/v1/organisations", {
				method: "POST",
				json: { name },
				headers: { "idempotency-key": idempotencyKey },
				signal,
			}),
		/** The session's requests are that account's from now on. @throws {GlassworksApiError} not_found */
		enter: (id: string, { signal }: Signalled = {}): Promise<Session> =>
			transport.json<Session>(`/api/v1/organisations/${encodeURIComponent(id)}/enter`, { method: "POST", signal }),
		/** Leaves the account one is in; the session ends. @throws {GlassworksApiError} last_owner */
		leave: async ({ signal }: Signalled = {}): Promise<void> => {
			await transport.json<undefined>("/api/v1/members/leave", { method: "POST", signal });
		},
	};
}

/** The people of an account; for who may manage it. */
export function members(transport: Transport) {
	const pathOf = (id: string) => `/api/v1/members/${encodeURIComponent(id)}`;
	const list = ({ signal, ...query }: ListPeopleOptions = {}): Promise<MemberPage> =>
		transport.json<MemberPage>("/api/v1/members", { query: { ...query }, signal });
	return {
		/** One page, in the order they joined. */
		list,
		iterate: (options: Omit<ListPeopleOptions, "before"> = {}): AsyncGenerator<Member, void, undefined> =>
			iteratePages((before) => list({ ...options, before })),
		/** @throws {GlassworksApiError} not_found, last_owner */
		setRole: (id: string, role: Role, { signal, ...query }: OfTenant = {}): Promise<Member> =>
			transport.json<Member>(pathOf(id), { method: "PATCH", json: { role }, query, signal }),
		/** @throws {GlassworksApiError} not_found, last_owner */
		remove: async (id: string, { signal, ...query }: OfTenant = {}): Promise<void> => {
			await transport.json<undefined>(pathOf(id), { method: "DELETE", query, signal });
		},
	};
}

/** Invitations to an account. Tokens are what follows # in the mailed link. */
export function invitations(transport: Transport) {
	const list = ({ signal, ...query }: ListPeopleOptions = {}): Promise<InvitationPage> =>
		transport.json<InvitationPage>("/api/v1/invitations", { query: { ...query }, signal });
	const post = <T>(below: string, json: object, signal: AbortSignal | undefined): Promise<T> =>
		transport.json<T>(`/api/v1/invitations${below}`, { method: "POST", json, signal });
	return {
		/** One page, newest first. */
		list,
		iterate: (options: Omit<ListPeopleOptions, "before"> = {}): AsyncGenerator<Invitation, void, undefined> =>
			iteratePages((before) => list({ ...options, before })),
		/** Replaces an earlier one of the address. @throws {GlassworksApiError} already_member */
		create: (invitation: CreateInvitation, { signal, ...query }: OfTenant = {}): Promise<CreatedInvitation> =>
			transport.json<CreatedInvitation>("/api/v1/invitations", { method: "POST", json: invitation, query, signal }),
		/** @throws {GlassworksApiError} not_found */
		withdraw: async (id: string, { signal, ...query }: OfTenant = {}): Promise<void> => {
			await transport.json<undefined>(`/api/v1/invitations/${encodeURIComponent(id)}`, { method: "DELETE", query, signal });
		},
		/** What an invitation is to. @throws {GlassworksApiError} link_invalid */
		open: (token: string, { signal }: Signalled = {}): Promise<OpenedInvitation> => post<OpenedInvitation>("/open", { token }, signal),
		/** Accepts as somebody new, and signs in. @throws {GlassworksApiError} link_invalid, person_exists */
		join: (person: { token: string; name: string; password: string }, { signal }: Signalled = {}): Promise<Session> =>
			post<Session>("/join", person, signal),
		/** Accepts as the person who is signed in. @throws {GlassworksApiError} link_invalid */
		accept: (token: string, { signal }: Signalled = {}): Promise<Session> => post<Session>("/accept", { token }, signal),
	};
}
