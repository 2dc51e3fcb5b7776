import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import { GlassworksError } from "../domain/errors.ts";

/** One of OWASP's equivalent settings: 32 MiB and about a quarter of a second. Each hash names its own, so they may be raised. */
const setting = { log2N: 15, r: 8, p: 3 };
const keyBytes = 32;
/** Of the four threads that files and host names need too. */
const atOnce = 2;
/** More than these wait longer than anybody does. */
const mostWaiting = 60;

export interface Passwords {
	hash(password: string): Promise<string>;
	verify(given: { hash: string; password: string }): Promise<boolean>;
}

/** Hashes passwords off the main thread, a few at a time. @throws {GlassworksError} unavailable, when too many wait */
export function createPasswords(): Passwords {
	const inTurn = createTurns();
	return {
		hash: async (password) => {
			const salt = randomBytes(16);
			const key = await inTurn(() => derive(password, salt, setting));
			return ["scrypt", setting.log2N, setting.r, setting.p, salt.toString("base64url"), key.toString("base64url")].join(":");
		},
		verify: async ({ hash, password }) => {
			const [kind, log2N, r, p, salt = "", key = ""] = hash.split(":");
			if (kind !== "scrypt") return false;
			const given = { log2N: Number(log2N), r: Number(r), p: Number(p) };
			const derived = await inTurn(() => derive(password, Buffer.from(salt, "base64url"), given));
			const expected = Buffer.from(key, "base64url");
			return derived.length === expected.length && timingSafeEqual(derived, expected);
		},
	};
}

function derive(password: string, salt: Buffer, { log2N, r, p }: typeof setting): Promise<Buffer> {
	const N = 2 ** log2N;
	const options: ScryptOptions = { N, r, p, maxmem: 128 * N * r * 2 };
	return new Promise((resolve, reject) =>
		// The same password typed on another keyboard may come in another composition.
		scrypt(password.normalize("NFKC"), salt, keyBytes, options, (error, key) => (error ? reject(error) : resolve(key))),
	);
}

function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
	let running = 0;
	const waiting: (() => void)[] = [];
	return async (work) => {
		if (running >= atOnce) {
			if (waiting.length >= mostWaiting)
				throw new GlassworksError("unavailable", "Too many people sign in at this moment. Try again shortly.", { retry_after_s: 5 });
			await new Promise<void>((resolve) => waiting.push(resolve));
		} else running += 1;
		try {
			return await work();
		} finally {
			// Whoever is next takes over this place.
			const next = waiting.shift();
			if (next) next();
			else running -= 1;
		}
	};
}
