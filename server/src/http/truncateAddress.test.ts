import { expect, test } from "vitest";
import { truncateAddress } from "./truncateAddress.ts";

test.each([
	["203.0.113.77", "203.0.113.0/24"],
	["::ffff:203.0.113.77", "203.0.113.0/24"],
	["2001:db8:12:3456:789a:bcde:f012:3456", "2001:db8:12::/48"],
	["2001:0DB8:0012::1", "2001:db8:12::/48"],
	["fe80::1%eth0", "fe80:0:0::/48"],
	["::1", "0:0:0::/48"],
	["not an address", null],
])("of %s only %s is kept", (address, kept) => {
	expect(truncateAddress(address)).toBe(kept);
});
