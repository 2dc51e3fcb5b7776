import { Readable } from "node:stream";
import { changeImages, galleryPage, galleryQuery, zipImages } from "../../contract/gallery.ts";
import { missingPicture, type PictureName } from "../../domain/gallery/gallery.ts";
import { principalOf } from "../authenticate.ts";
import type { App, HttpPorts } from "../ports.ts";
import { bytes, json, problems, security } from "../responses.ts";
import { presentPictures } from "./presentGallery.ts";
import { zipPictures } from "./zipPictures.ts";

const common = { tags: ["Gallery"], security: security.key };

/** Finished pictures of all jobs: found, starred, put on boards, taken out. */
export function galleryRoutes(app: App, ports: HttpPorts): void {
	listAndChange(app, ports);
	zipRoute(app, ports);
}

function listAndChange(app: App, ports: HttpPorts): void {
	app.get(
		"/images",
		{
			schema: {
				...common,
				operationId: "listImages",
				summary: "Your finished pictures, newest first",
				querystring: galleryQuery,
				response: {
					200: json("One page.", galleryPage),
					...problems("unauthenticated", "forbidden", "invalid_request", "not_found"),
				},
			},
		},
		async (request) => {
			const { tenantId } = principalOf(request);
			const { limit, before = null, q = null, starred, board = null, model = null } = request.query;
			const filter = { words: q, starred: starred === undefined ? null : starred === "true", board, model };
			const { pictures, next } = await ports.gallery.list(tenantId, filter, { limit, before });
			return { data: await presentPictures(ports, tenantId, pictures), next };
		},
	);

	app.patch(
		"/images",
		{
			config: { access: "generate" },
			schema: {
				...common,
				operationId: "changeImages",
				summary: "Star pictures, put them on a board, take them off one",
				description: "All of them or none. What is so already stays so.",
				body: changeImages,
				response: {
					204: { description: "Done." },
					...problems("unauthenticated", "forbidden", "invalid_request", "malformed_body", "not_found"),
				},
			},
		},
		async (request, reply) => {
			const { pictures, starred, add_to_board: addTo, remove_from_board: removeFrom } = request.body;
			await ports.gallery.change(principalOf(request).tenantId, readNames(pictures), { starred, addTo, removeFrom });
			return reply.code(204).send();
		},
	);
}

function zipRoute(app: App, ports: HttpPorts): void {
	app.post(
		"/images/zip",
		{
			schema: {
				...common,
				operationId: "zipImages",
				summary: "Chosen pictures as one ZIP",
				description:
					"With `manifest.json` (the recipe and seed of each) and `errors.json` (what could not be read). Written as it is sent: its length is not known before.",
				body: zipImages,
				response: {
					200: bytes("The ZIP.", "application/zip"),
					...problems("unauthenticated", "forbidden", "invalid_request", "malformed_body", "not_found"),
				},
			},
		},
		async (request, reply) => {
			const { tenantId } = principalOf(request);
			const pictures = readNames(request.body.pictures);
			const [gone] = await ports.gallery.missing(tenantId, pictures);
			if (gone) throw missingPicture(pictures, gone);
			reply
				.type("application/zip")
				.header("cache-control", "private, no-store")
				.header("content-disposition", `attachment; filename="glassworks-${pictures.length}-pictures.zip"`);
			return reply.send(Readable.from(zipPictures(ports, tenantId, pictures), { objectMode: false, highWaterMark: 65_536 })) as never;
		},
	);
}

const readNames = (pictures: readonly { job_id: string; n: number }[]): PictureName[] =>
	pictures.map(({ job_id: jobId, n }) => ({ jobId, n }));
