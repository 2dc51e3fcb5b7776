import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

type Address = ReturnType<typeof ipaddr.process>;

/** All of the IPv6 space handed out for the public internet; what lies outside is refused whatever a table of special ranges knows. */
const globalUnicast = ipaddr.parseCIDR("2000::/3");

/**
 * Whether a server on the public internet can have this address, or the operator allowed it. `address` is an IP in usual notation; anything else is not public.
 * IPv4 inside IPv6 (mapped, NAT64, 6to4, Teredo) is not public: the address it ends at is another than the one it shows. A mapped one counts as its IPv4 for `allowCidrs`.
 * @throws {Error} when an entry of `allowCidrs` is no CIDR
 */
export function isPublicAddress(address: string, allowCidrs: string[]): boolean {
	if (isIP(address) === 0) return false;
	if (allowCidrs.some((cidr) => contains(cidr, ipaddr.process(address)))) return true;
	const parsed = ipaddr.parse(address);
	if (parsed.range() !== "unicast") return false;
	return parsed.kind() === "ipv4" || parsed.match(globalUnicast);
}

function contains(cidr: string, address: Address): boolean {
	const range = ipaddr.parseCIDR(cidr);
	return range[0].kind() === address.kind() && address.match(range);
}
