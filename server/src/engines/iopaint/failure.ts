import { z } from "zod";
import { type ErrorCode, GlassworksError } from "../../domain/errors.ts";
import { parseJson } from "../../domain/json.ts";

/** An answer that is no success. IOPaint's own errors carry `error` (the Python class) and `errors`; validation errors carry a list as `detail`. */
export interface Refusal {
	status: number;
	/** The Python class that was raised; empty when it was none. */
	error: string;
	/** What Python said. May hold paths: for the operator's log, never for a tenant. */
	text: string;
	/** Names of the fields that validation refused. */
	fields: string[];
}

const body = z.object({
	error: z.string().optional(),
	errors: z.string().optional(),
	detail: z.union([z.string(), z.array(z.object({ loc: z.array(z.union([z.string(), z.number()])) }))]).optional(),
});

export function readRefusal(status: number, bytes: Uint8Array): Refusal {
	const parsed = body.safeParse(parseJson(new TextDecoder().decode(bytes)));
	if (!parsed.success) return { status, error: "", text: "", fields: [] };
	const { error = "", errors = "", detail } = parsed.data;
	const fields = Array.isArray(detail) ? detail.map(({ loc }) => loc.slice(1).join(".")) : [];
	return { status, error, text: errors || (typeof detail === "string" ? detail : ""), fields };
}

/** After a switch to a name it does not have, or one that failed twice, IOPaint answers everything with this. */
export function isPoisoned({ status, error, text }: Refusal): boolean {
	return status === 500 && (error === "KeyError" || (error === "AttributeError" && text.includes("no attribute 'model'")));
}

const memory = /out of memory|DefaultCPUAllocator|can't allocate memory|output_tile/i;
const unreadable = ["Error", "UnidentifiedImageError", "AttributeError", "DecompressionBombError"];
const missingFiles = ["OSError", "EnvironmentError", "FileNotFoundError", "LocalEntryNotFoundError", "RepositoryNotFoundError"];

/** What a refusal means to us, in words that name nothing of the server. `asked`: what it was asked to do, as `the model "sd15"`. */
export function refusalError(refusal: Refusal, asked: string): GlassworksError {
	const [code, message] = judge(refusal, asked);
	const { status, error } = refusal;
	return new GlassworksError(code, message, { status, ...(error ? { error } : {}) });
}

function judge({ status, error, text, fields }: Refusal, asked: string): [ErrorCode, string] {
	if (status === 401 || status === 403) return ["engine_down", "IOPaint, or what stands before it, refused our credentials."];
	if (status === 413) return ["engine_invalid", "The picture is larger than what stands before IOPaint lets through."];
	if (status === 422 && text.includes("Plugin not found")) return ["model_missing", `IOPaint was started without ${asked}.`];
	if (status === 422) return ["engine_invalid", `IOPaint refused ${fields.join(", ") || "the request"}.`];
	if (status === 400) return ["engine_invalid", "The mask must have the size of the image."];
	if (status !== 500) return ["engine_down", `What answers at IOPaint's address is not IOPaint (status ${status}).`];
	if (error === "OutOfMemoryError" || memory.test(text)) return ["out_of_memory", `IOPaint ran out of memory with ${asked}.`];
	if (isPoisoned({ status, error, text, fields })) return ["engine_down", "IOPaint lost its model and could not be given another."];
	if (unreadable.includes(error) || /image file is truncated|broken data stream/.test(text))
		return ["engine_invalid", "IOPaint could not read the picture."];
	if (missingFiles.includes(error)) return ["model_missing", `IOPaint lacks files of ${asked}.`];
	return ["internal", `IOPaint failed with ${asked}.`];
}
