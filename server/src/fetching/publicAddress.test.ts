import fc from "fast-check";
import { expect, test } from "vitest";
import { isPublicAddress } from "./publicAddress.ts";

test.each(["1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.255.255", "172.32.0.0", "2606:4700:4700::1111", "2a00:1450:4001::1"])(
	"%s is public",
	(address) => {
		expect(isPublicAddress(address, [])).toBe(true);
	},
);

test.each([
	["unspecified", "0.0.0.0"],
	["this network", "0.1.2.3"],
	["loopback", "127.0.0.1"],
	["loopback elsewhere", "127.255.255.254"],
	["private", "10.0.0.1"],
	["private", "172.16.0.1"],
	["private", "172.31.255.255"],
	["private", "192.168.1.1"],
	["link local, cloud metadata", "169.254.169.254"],
	["carrier-grade NAT", "100.64.0.1"],
	["Alibaba metadata", "100.100.100.200"],
	["protocol assignments", "192.0.0.192"],
	["documentation", "192.0.2.1"],
	["documentation", "203.0.113.9"],
	["6to4 relay", "192.88.99.1"],
	["benchmarking", "198.18.0.1"],
	["benchmarking", "198.19.255.255"],
	["multicast", "224.0.0.1"],
	["reserved", "240.0.0.1"],
	["broadcast", "255.255.255.255"],
	["unspecified", "::"],
	["loopback", "::1"],
	["mapped loopback", "::ffff:127.0.0.1"],
	["mapped public", "::ffff:8.8.8.8"],
	["compatible loopback", "::127.0.0.1"],
	["NAT64", "64:ff9b::7f00:1"],
	["local NAT64", "64:ff9b:1::a00:1"],
	["6to4", "2002:7f00:1::"],
	["Teredo", "2001:0:53aa:64c:0:0:f5ff:fffe"],
	["unique local", "fd00:ec2::254"],
	["unique local", "fc00::1"],
	["link local", "fe80::1"],
	["link local with zone", "fe80::1%eth0"],
	["site local", "fec0::1"],
	["multicast", "ff02::1"],
	["discard", "100::1"],
	["documentation", "2001:db8::1"],
	["benchmarking", "2001:2::1"],
	["outside the public space", "4000::1"],
	["no address", "example.com"],
	["no address", ""],
	["odd notation", "2130706433"],
	["odd notation", "127.1"],
	["odd notation", "0x7f.0.0.1"],
])("%s is not public (%s)", (_what, address) => {
	expect(isPublicAddress(address, [])).toBe(false);
});

test("an allowed network opens itself and nothing else", () => {
	expect(isPublicAddress("10.1.2.3", ["10.1.0.0/16"])).toBe(true);
	expect(isPublicAddress("10.2.2.3", ["10.1.0.0/16"])).toBe(false);
	expect(isPublicAddress("::ffff:10.1.2.3", ["10.1.0.0/16"])).toBe(true);
	expect(isPublicAddress("fd00::5", ["10.1.0.0/16", "fd00::/64"])).toBe(true);
	expect(isPublicAddress("::1", ["127.0.0.0/8"])).toBe(false);
});

test("an entry that is no network is refused, not ignored", () => {
	expect(() => isPublicAddress("10.0.0.1", ["10.0.0.0"])).toThrow();
});

test("no address of a private network is public, however it is embedded in IPv6", () => {
	const privateAddress = fc.oneof(
		fc.tuple(fc.constant(10), fc.nat(255), fc.nat(255), fc.nat(255)),
		fc.tuple(fc.constant(127), fc.nat(255), fc.nat(255), fc.nat(255)),
		fc.tuple(fc.constant(192), fc.constant(168), fc.nat(255), fc.nat(255)),
	);
	fc.assert(
		fc.property(privateAddress, fc.constantFrom("", "::ffff:", "::", "64:ff9b::"), (octets, prefix) => {
			expect(isPublicAddress(prefix + octets.join("."), [])).toBe(false);
		}),
	);
});
