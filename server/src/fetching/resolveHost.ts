import dns from "node:dns/promises";
import { isIP } from "node:net";

export interface ResolvedAddress {
	address: string;
	family: 4 | 6;
}

/** Every address a host name has. Empty when it has none. */
export type ResolveHost = (hostname: string) => Promise<ResolvedAddress[]>;

/** Asks the system (hosts file, search domains, all of it), or only the given DNS servers (`ip` or `ip:port`). */
export function createResolveHost(dnsServers: string[] | undefined): ResolveHost {
	if (!dnsServers) return async (hostname) => (await dns.lookup(hostname, { all: true })).map(({ address }) => withFamily(address));
	const resolver = new dns.Resolver({ timeout: 2_000, tries: 2 });
	resolver.setServers(dnsServers);
	return async (hostname) => {
		const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
		return answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : [])).map(withFamily);
	};
}

export function withFamily(address: string): ResolvedAddress {
	return { address, family: isIP(address) === 6 ? 6 : 4 };
}
