import { expect, test } from "vitest";
import { networkOf } from "./networkOf.ts";

test("an IPv6 subscriber is one address however many of theirs they use, and an IPv4 one is itself", () => {
	for (const own of ["2001:db8:1:2::1", "2001:0db8:0001:0002:ffff::9", "2001:DB8:1:2:3:4:5:6", "2001:db8:1:2:3:4:1.2.3.4"])
		expect(networkOf(own)).toBe("2001:db8:1:2::/64");
	expect(networkOf("2001:db8:1:3::1")).toBe("2001:db8:1:3::/64");
	expect(networkOf("::1")).toBe("0:0:0:0::/64");
	expect(networkOf("fe80::1%eth0")).toBe("fe80:0:0:0::/64");
	expect(networkOf("192.0.2.7")).toBe("192.0.2.7");
	expect(networkOf("::ffff:192.0.2.7")).toBe("192.0.2.7");
});
