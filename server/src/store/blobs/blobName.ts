import { createHash } from "node:crypto";
import { GlassworksError } from "../../domain/errors.ts";

const tenantIdPattern = /^[A-Za-z0-9_-]{1,100}$/;
const sha256Pattern = /^[0-9a-f]{64}$/;

/** True for names that can be part of a path or key without leaving the tenant's own part of it. */
export function isTenantId(value: string): boolean {
	return tenantIdPattern.test(value);
}

export function isSha256(value: string): boolean {
	return sha256Pattern.test(value);
}

/** @throws {GlassworksError} invalid_request */
export function assertTenantId(tenantId: string): void {
	if (!isTenantId(tenantId)) throw new GlassworksError("invalid_request", "A tenant id has letters, digits, _ and - only.");
}

/** A malformed name cannot belong to a stored blob. @throws {GlassworksError} not_found */
export function assertBlobName(tenantId: string, sha256: string): void {
	if (!isTenantId(tenantId) || !isSha256(sha256)) throw blobNotFound();
}

/** @throws {GlassworksError} range_not_satisfiable unless 0 <= start <= end, both whole numbers */
export function assertRange(range: { start: number; end: number }): void {
	const { start, end } = range;
	if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start) throw rangeOutside();
}

export function blobNotFound(): GlassworksError {
	return new GlassworksError("not_found", "There is no such file.");
}

export function rangeOutside(): GlassworksError {
	return new GlassworksError("range_not_satisfiable", "The range lies outside the file.");
}

export function sha256Of(bytes: Uint8Array): string {
	return createHash("sha256").update(bytes).digest("hex");
}
