import type { FastifyRequest } from "fastify";
import { GlassworksError } from "../domain/errors.ts";
import type { Rate } from "../domain/plans/rate.ts";
import { networkOf } from "./networkOf.ts";
import type { HttpPorts } from "./ports.ts";

/** What people try without having shown who they are, and what has mail sent to strangers. */
const rates = {
	/** Passwords for one address from one network. */
	password: { requests: 20, per: "hour" },
	/** Mail to one address, which anybody may name. */
	mailTo: { requests: 5, per: "hour" },
	/** Mail asked for from one network. */
	mailFrom: { requests: 50, per: "hour" },
	/** Invitations of one account. */
	invitation: { requests: 100, per: "hour" },
} satisfies Record<string, Rate>;

type AttemptPorts = Pick<HttpPorts, "limiter">;

/** @throws {GlassworksError} rate_limited */
async function count({ limiter }: AttemptPorts, kind: keyof typeof rates, subject: string): Promise<void> {
	const { isAllowed, resetMs } = await limiter.take(`people:${kind}:${subject}`, rates[kind]);
	if (isAllowed) return;
	const waitS = Math.max(1, Math.ceil(resetMs / 1_000));
	throw new GlassworksError("rate_limited", `Too many attempts. Try again in ${waitS} s.`, { retry_after_s: waitS });
}

/** Before the password is looked at, so that many at once are no way around it. @throws {GlassworksError} rate_limited */
export const countPassword = (ports: AttemptPorts, { ip }: Pick<FastifyRequest, "ip">, email: string) =>
	count(ports, "password", `${email} ${networkOf(ip)}`);

/** @throws {GlassworksError} rate_limited */
export const countInvitation = (ports: AttemptPorts, tenantId: string) => count(ports, "invitation", tenantId);

/**
 * Whether mail may go to an address that somebody named: nobody's mailbox is filled by strangers. That it may not is not told, since it would
 * say that others asked for the address.
 * @throws {GlassworksError} rate_limited, when too much was asked for from the same network
 */
export async function mayMail(ports: AttemptPorts, { ip }: Pick<FastifyRequest, "ip">, email: string): Promise<boolean> {
	await count(ports, "mailFrom", networkOf(ip));
	try {
		await count(ports, "mailTo", email);
		return true;
	} catch (error) {
		if (error instanceof GlassworksError && error.code === "rate_limited") return false;
		throw error;
	}
}
