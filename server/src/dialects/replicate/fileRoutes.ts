import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { AssetBody, Door } from "../../contract/door.ts";
import { parseJson } from "../../domain/json.ts";
import { callerOf } from "../common/callerOf.ts";
import { readForm } from "../common/readForm.ts";
import { keepPicture, wrong } from "../common/readPicture.ts";
import { type Listed, pageSize, presentPage } from "./page.ts";

/** Files to start from. Only pictures are kept. */
export function fileRoutes(app: FastifyInstance, door: Door): void {
	app.post("/files", { config: { access: "generate" } }, async (request, reply) => {
		const { fields, files } = await readForm(request);
		const content = files.find((file) => file.name === "content");
		if (!content) throw wrong("content", "is required: the file");
		const metadata = files.find((file) => file.name === "metadata")?.bytes;
		const given = parseJson(fields.metadata ?? (metadata ? Buffer.from(metadata).toString("utf8") : "{}")) ?? {};
		const kept = await keepPicture(callerOf(request), content.bytes, "content");
		const sha256 = createHash("sha256").update(content.bytes).digest("hex");
		return reply.code(201).send({ ...presentFile(kept), name: content.filename, etag: sha256, checksums: { sha256 }, metadata: given });
	});

	app.get<Listed>("/files", async (request) => {
		const { data, next } = await callerOf(request).assets({ limit: pageSize, before: request.query.cursor ?? null });
		return presentPage(door, "files", data.map(presentFile), next);
	});

	app.get<{ Params: { id: string } }>("/files/:id", async (request) => presentFile(await callerOf(request).asset(request.params.id)));

	app.delete<{ Params: { id: string } }>("/files/:id", { config: { access: "generate" } }, async (request, reply) => {
		await callerOf(request).deleteAsset(request.params.id);
		return reply.code(204).send();
	});
}

function presentFile({ id, media_type, bytes, created_at, url }: AssetBody) {
	const expires = Number(new URL(url).searchParams.get("expires"));
	return {
		...{ id, name: id, content_type: media_type, size: bytes, etag: id, checksums: {}, metadata: {}, created_at },
		...{ expires_at: new Date(expires * 1_000).toISOString(), urls: { get: url } },
	};
}
