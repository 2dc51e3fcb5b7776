import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { GlassworksError } from "../domain/errors.ts";

/** Lower-case hex. */
export function sha256Hex(value: string | Uint8Array): string {
	return createHash("sha256").update(value).digest("hex");
}

/** Compares secrets in a time that says nothing about where they differ. */
export function isSameSecret(given: string, expected: string): boolean {
	const digest = (value: string) => createHash("sha256").update(value).digest();
	return timingSafeEqual(digest(given), digest(expected));
}

/**
 * `path?claims&expires&signature`: whoever has it may read exactly that, until `expires` (Unix seconds).
 * The expiry is rounded up to a quarter of `ttlMs`, so that asking again gives the same address and browsers' caches keep working.
 */
export function signLink(key: Uint8Array, path: string, claims: Record<string, string>, ttlMs: number, now = Date.now()): string {
	const stepMs = Math.max(1_000, ttlMs / 4);
	const expires = String(Math.ceil((Math.ceil((now + ttlMs) / stepMs) * stepMs) / 1_000));
	const query = new URLSearchParams({ ...claims, expires });
	query.append("signature", signatureOf(key, path, query));
	return `${path}?${query}`;
}

/**
 * The claims of a signed link; every parameter but the signature is one.
 * @throws {GlassworksError} expired, forbidden
 */
export function readSignedLink(key: Uint8Array, path: string, query: URLSearchParams, now = Date.now()): Record<string, string> {
	const claims = new URLSearchParams(query);
	const signature = claims.get("signature") ?? "";
	claims.delete("signature");
	if (!isSameSecret(signature, signatureOf(key, path, claims)))
		throw new GlassworksError("forbidden", "The link's signature does not match.");
	if (now >= Number(claims.get("expires")) * 1_000)
		throw new GlassworksError("expired", "The link has expired. Ask for the job again to get a fresh one.");
	return Object.fromEntries(claims);
}

function signatureOf(key: Uint8Array, path: string, claims: URLSearchParams): string {
	const ordered = new URLSearchParams(claims);
	ordered.sort();
	return createHmac("sha256", key).update(`${path}\n${ordered}`).digest("base64url");
}
