import { isIPv4, isIPv6 } from "node:net";

/**
 * An address without the part that tells people apart: the first 24 bits of an IPv4 address, the first 48 of an IPv6 one. A hash would hide
 * nothing, for there are only four billion of the former to try.
 */
export function truncateAddress(address: string): string | null {
	const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
	if (isIPv4(mapped)) return `${mapped.split(".").slice(0, 3).join(".")}.0/24`;
	const plain = mapped.split("%")[0] ?? "";
	if (!isIPv6(plain)) return null;
	const [head = "", tail = ""] = plain.toLowerCase().split("::");
	const first = head === "" ? [] : head.split(":");
	const last = tail === "" ? [] : tail.split(":");
	const zeros = Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => "0");
	const groups = plain.includes("::") ? [...first, ...zeros, ...last] : first;
	return `${groups
		.slice(0, 3)
		.map((group) => group.replace(/^0+(?=.)/, ""))
		.join(":")}::/48`;
}
