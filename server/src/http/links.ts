import type { HttpPorts } from "./ports.ts";
import { signLink } from "./sign.ts";

/** `thumbnail`: the finished picture, small. */
export type Variant = "result" | "original" | "thumbnail";
export type LinkPorts = Pick<HttpPorts, "config" | "signingKey">;

export const imagePath = (jobId: string, n: number): string => `/api/v1/jobs/${jobId}/images/${n}`;

/** A signed address of a job's picture; works without a key until it expires. */
export function imageLink({ config, signingKey }: LinkPorts, tenantId: string, jobId: string, n: number, variant: Variant): string {
	return config.publicUrl() + signLink(signingKey, imagePath(jobId, n), { tenant: tenantId, variant }, config.limits.linkTtlMs);
}

/** A signed address of an uploaded picture, or of its small version. */
export function assetLink({ config, signingKey }: LinkPorts, tenantId: string, assetId: string, variant?: "thumbnail"): string {
	const claims = { tenant: tenantId, ...(variant && { variant }) };
	return config.publicUrl() + signLink(signingKey, `/api/v1/assets/${assetId}/content`, claims, config.limits.linkTtlMs);
}

/** A signed address of something of a training, named by the part of its path after `trainings/`. */
export function trainingLink({ config, signingKey }: LinkPorts, tenantId: string, part: string): string {
	return config.publicUrl() + signLink(signingKey, `/api/v1/trainings/${part}`, { tenant: tenantId }, config.limits.linkTtlMs);
}

/** A task's input for the worker that holds it. Relative: a worker may reach this server by another address than users do. */
export function inputLink(
	signingKey: Uint8Array,
	lease: { taskId: number; attempt: number; workerId: string },
	role: string,
	blob: { sha256: string; bytes: number; mediaType: string },
	ttlMs: number,
): string {
	const claims = {
		attempt: String(lease.attempt),
		worker: lease.workerId,
		sha256: blob.sha256,
		bytes: String(blob.bytes),
		media_type: blob.mediaType,
	};
	return signLink(signingKey, `/api/worker/v1/tasks/${lease.taskId}/inputs/${role}`, claims, ttlMs);
}
