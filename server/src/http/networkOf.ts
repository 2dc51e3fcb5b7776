import { isIPv6 } from "node:net";

/** What one subscriber has: an IPv4 address, or the first 64 bits of an IPv6 one, of which anybody has as many as they like. */
export function networkOf(address: string): string {
	const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
	if (mapped) return mapped;
	const plain = address.split("%")[0] ?? address;
	if (!isIPv6(plain)) return address;
	const [head = "", tail = ""] = plain.toLowerCase().split("::");
	const first = head === "" ? [] : head.split(":");
	const last = tail === "" ? [] : tail.split(":");
	const groups = plain.includes("::") ? [...first, ...Array.from({ length: 8 - first.length - last.length }, () => "0"), ...last] : first;
	return `${groups
		.slice(0, 4)
		.map((group) => group.replace(/^0+(?=.)/, ""))
		.join(":")}::/64`;
}
