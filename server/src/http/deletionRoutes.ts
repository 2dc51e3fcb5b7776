import type { z } from "zod";
import { deletion } from "../contract/storage.ts";
import { GlassworksError } from "../domain/errors.ts";
import type { Deletion } from "../domain/storage/pictureStore.ts";
import { assetParams } from "./assetRoutes.ts";
import { principalOf } from "./authenticate.ts";
import { imageParams } from "./imageRoutes.ts";
import { jobParams } from "./jobRoutes.ts";
import type { App, HttpPorts } from "./ports.ts";
import { json, problems, security } from "./responses.ts";
import { trainingParams } from "./trainingRoutes.ts";

const common = { security: security.key, response: { 200: json("It is gone.", deletion) } };
const description = "For everybody and at once. What was paid stays in the ledger. Deleting again answers the same.";

/** Deleting what was made and uploaded. */
export function deletionRoutes(app: App, ports: HttpPorts): void {
	deleteTrainingRoute(app, ports);
	app.delete(
		"/jobs/:id/images/:n",
		{
			config: { access: "generate" },
			schema: {
				...common,
				operationId: "deleteImage",
				tags: ["Jobs"],
				summary: "Delete a picture",
				description: `${description} The job stays, with its recipe.`,
				params: imageParams,
				response: { ...common.response, ...problems("unauthenticated", "forbidden", "not_found", "job_deleted", "job_not_ended") },
			},
		},
		async (request) => {
			const { id, n } = request.params;
			return finish(ports, id, n, await ports.stored.deleteImage(principalOf(request).tenantId, id, n));
		},
	);

	app.delete(
		"/jobs/:id",
		{
			config: { access: "generate" },
			schema: {
				...common,
				operationId: "deleteJob",
				tags: ["Jobs"],
				summary: "Delete a job that has ended",
				description: `${description} Its pictures, those it was given, its prompt and metadata.`,
				params: jobParams,
				response: { ...common.response, ...problems("unauthenticated", "forbidden", "not_found", "job_not_ended") },
			},
		},
		async (request) =>
			finish(ports, request.params.id, null, await ports.stored.deleteJob(principalOf(request).tenantId, request.params.id)),
	);

	app.delete(
		"/assets/:id",
		{
			config: { access: "generate" },
			schema: {
				...common,
				operationId: "deleteAsset",
				tags: ["Assets"],
				summary: "Delete an uploaded picture",
				description: "For everybody and at once. Jobs that were given it keep their own copy until their pictures are deleted.",
				params: assetParams,
				response: { ...common.response, ...problems("unauthenticated", "forbidden", "not_found") },
			},
		},
		async (request) =>
			finish(ports, request.params.id, null, await ports.stored.deleteAsset(principalOf(request).tenantId, request.params.id)),
	);
}

function deleteTrainingRoute(app: App, ports: HttpPorts): void {
	app.delete(
		"/trainings/:id",
		{
			config: { access: "generate" },
			schema: {
				...common,
				operationId: "deleteTraining",
				tags: ["Trainings"],
				summary: "Delete a training that has ended, and its LoRA",
				description: `${description} Jobs that were accepted with the LoRA and did not begin fail.`,
				params: trainingParams,
				response: { ...common.response, ...problems("unauthenticated", "forbidden", "not_found", "job_not_ended") },
			},
		},
		async (request) => {
			const { tenantId } = principalOf(request);
			const { id } = request.params;
			await ports.trainings.get(tenantId, id).catch(unlessDeleted);
			return finish(ports, id, null, await ports.stored.deleteJob(tenantId, id));
		},
	);
}

/** Deleting again answers the same. */
function unlessDeleted(error: unknown): void {
	if (!(error instanceof GlassworksError && error.code === "job_deleted")) throw error;
}

/** Removes the bytes, and says what became of them. */
async function finish(ports: HttpPorts, id: string, n: number | null, { deletedAt, blobs }: Deletion): Promise<z.infer<typeof deletion>> {
	await ports.sweeper.remove(blobs);
	const { referenced, left } = blobs.length === 0 ? { referenced: 0, left: 0 } : await ports.blobIndex.remaining(blobs);
	return { id, n, deleted_at: deletedAt.toISOString(), bytes: referenced > 0 ? "shared" : left > 0 ? "later" : "removed" };
}
