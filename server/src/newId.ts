import { randomBytes } from "node:crypto";

const digits = "0123456789abcdefghjkmnpqrstvwxyz";

/** `job_` and 26 digits: milliseconds since 1970, then 80 random bits, so that ids sort by time and cannot be guessed. */
export function newId(prefix: string): string {
	let time = Date.now();
	let stamp = "";
	for (let place = 0; place < 10; place++) {
		stamp = digits[time % 32] + stamp;
		time = Math.floor(time / 32);
	}
	const random = [...randomBytes(16)].map((byte) => digits[byte % 32]).join("");
	return `${prefix}_${stamp}${random}`;
}
