import multipart from "@fastify/multipart";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { GlassworksError } from "../../domain/errors.ts";

export interface Form {
	fields: Record<string, string>;
	files: { name: string; filename: string; bytes: Uint8Array }[];
}

/** Lets the routes of this plugin take forms. */
export async function takeForms(app: FastifyInstance, maxFileBytes: number): Promise<void> {
	await app.register(multipart, { limits: { fileSize: maxFileBytes, files: 17, fields: 50, parts: 67, fieldSize: 100_000 } });
}

/** The whole form. `image[]` is `image`. @throws {GlassworksError} malformed_body, body_too_large */
export async function readForm(request: FastifyRequest): Promise<Form> {
	const form: Form = { fields: {}, files: [] };
	try {
		for await (const part of request.parts()) {
			const name = part.fieldname.replace(/\[\d*\]$/, "");
			if (part.type === "file") form.files.push({ name, filename: part.filename, bytes: await part.toBuffer() });
			else if (typeof part.value === "string" && part.value.isWellFormed() && !part.value.includes("\0")) form.fields[name] = part.value;
			else if (!Buffer.isBuffer(part.value)) throw new GlassworksError("malformed_body", `${name}: must be text.`);
		}
	} catch (error) {
		if (error instanceof Error && "code" in error) throw error;
		throw new GlassworksError("malformed_body", "The form could not be read.");
	}
	return form;
}
