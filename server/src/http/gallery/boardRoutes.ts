import { z } from "zod";
import { board, boardList, nameBoard } from "../../contract/gallery.ts";
import { principalOf } from "../authenticate.ts";
import { resourceId } from "../jobRoutes.ts";
import type { App, HttpPorts } from "../ports.ts";
import { json, problems, security } from "../responses.ts";
import { presentBoard } from "./presentGallery.ts";

const common = { tags: ["Gallery"], security: security.key };
const boardParams = z.object({ id: resourceId.describe("The board.") });
const refusals = ["unauthenticated", "forbidden", "invalid_request", "malformed_body"] as const;

export function boardRoutes(app: App, ports: HttpPorts): void {
	listAndMake(app, ports);
	changeAndDelete(app, ports);
}

function listAndMake(app: App, { gallery, newId }: HttpPorts): void {
	app.get(
		"/boards",
		{
			schema: {
				...common,
				operationId: "listBoards",
				summary: "Your boards, by name",
				response: { 200: json("All of them.", boardList), ...problems("unauthenticated", "forbidden") },
			},
		},
		async (request) => ({ data: (await gallery.boards(principalOf(request).tenantId)).map(presentBoard) }),
	);

	app.post(
		"/boards",
		{
			config: { access: "generate" },
			schema: {
				...common,
				operationId: "createBoard",
				summary: "Make a board",
				body: nameBoard,
				response: { 201: json("Made, empty.", board), ...problems(...refusals, "board_limit") },
			},
		},
		async (request, reply) => {
			const { tenantId } = principalOf(request);
			const made = await gallery.createBoard({ id: newId("board"), tenantId, name: request.body.name });
			return reply.code(201).send(presentBoard(made));
		},
	);
}

function changeAndDelete(app: App, { gallery }: HttpPorts): void {
	app.patch(
		"/boards/:id",
		{
			config: { access: "generate" },
			schema: {
				...common,
				operationId: "renameBoard",
				summary: "Rename a board",
				params: boardParams,
				body: nameBoard,
				response: { 200: json("Renamed.", board), ...problems(...refusals, "not_found") },
			},
		},
		async (request) => presentBoard(await gallery.renameBoard(principalOf(request).tenantId, request.params.id, request.body.name)),
	);

	app.delete(
		"/boards/:id",
		{
			config: { access: "generate" },
			schema: {
				...common,
				operationId: "deleteBoard",
				summary: "Delete a board",
				description: "Its pictures stay.",
				params: boardParams,
				response: { 204: { description: "It is gone." }, ...problems("unauthenticated", "forbidden", "not_found") },
			},
		},
		async (request, reply) => {
			await gallery.deleteBoard(principalOf(request).tenantId, request.params.id);
			return reply.code(204).send();
		},
	);
}
