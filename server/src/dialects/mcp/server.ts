import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import {
	CallToolRequestSchema,
	type CallToolResult,
	ErrorCode,
	ListToolsRequestSchema,
	McpError,
	type ServerNotification,
	type ServerRequest,
} from "@modelcontextprotocol/sdk/types.js";
import type { Caller, Door } from "../../contract/door.ts";
import type { JobBody } from "../../contract/job.ts";
import { GlassworksError } from "../../domain/errors.ts";
import { asObject, type JsonObject } from "../../domain/json.ts";
import { waitingText } from "../common/describeJob.ts";
import { everyWorkflow } from "../common/everyWorkflow.ts";
import { readPicture } from "../common/readPicture.ts";
import { hasEnded, watchJob } from "../common/watchJob.ts";
import { presentJob, presentRefusal } from "./present.ts";
import { findPictureTool, listTools, statusTool, workflowsTool } from "./tools.ts";

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** A server for one request: what a caller may do lies with its key, and jobs outlive it. */
export function createMcpServer(door: Door, caller: Caller, hungUp: AbortSignal, onUnforeseen: (error: unknown) => void): Server {
	const server = new Server({ name: "glassworks", title: "Glassworks", version: door.version }, { capabilities: { tools: {} } });
	server.setRequestHandler(ListToolsRequestSchema, async ({ params }) => {
		const { tools, next } = await listTools(caller, params?.cursor ?? null);
		return { tools, ...(next === null ? {} : { nextCursor: next }) };
	});
	server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
		try {
			return await callTool(door, caller, params.name, asObject(params.arguments), extra, hungUp);
		} catch (error) {
			if (error instanceof GlassworksError) return presentRefusal(error);
			if (error instanceof McpError) throw error;
			onUnforeseen(error);
			throw new McpError(ErrorCode.InternalError, "Something went wrong on our side.");
		}
	});
	return server;
}

async function callTool(
	door: Door,
	caller: Caller,
	name: string,
	given: JsonObject,
	extra: Extra,
	hungUp: AbortSignal,
): Promise<CallToolResult> {
	if (name === statusTool.name) return presentJob(caller, await caller.job(String(given.job_id ?? "")));
	if (name === workflowsTool.name) {
		const workflows = (await everyWorkflow(caller)).map(({ slug, title, description, version }) => ({ slug, title, description, version }));
		const lines = workflows.map(({ slug, title, description }) => `${slug}: ${title}. ${description}`);
		return { content: [{ type: "text", text: lines.join("\n") }], structuredContent: { workflows } };
	}
	const found = await findPictureTool(caller, name);
	if (!found) throw new McpError(ErrorCode.InvalidParams, `No tool named ${name}.`);
	caller.needScope("generate");
	const { wait = true, ...values } = given;
	const job = await caller.accept(found.asked(await readPictures(door, caller, found.pictures, values)));
	return presentJob(caller, wait === false ? job : await follow(caller, job, extra, hungUp));
}

/** Pictures may be given as an address or a data URI. */
async function readPictures(door: Door, caller: Caller, fields: readonly string[], values: JsonObject): Promise<JsonObject> {
	const read = { ...values };
	for (const field of fields)
		if (typeof values[field] === "string") read[field] = (await readPicture(door, caller, values[field], field)) as JsonObject;
	return read;
}

/** Waits for the end and tells how far it is, where the client asked to be told. A client that hangs up has its job stopped. */
async function follow(caller: Caller, job: JobBody, { signal, sendNotification, _meta }: Extra, hungUp: AbortSignal): Promise<JobBody> {
	const progressToken = _meta?.progressToken;
	const until = AbortSignal.any([signal, hungUp]);
	let told = 0;
	const tell = async (progress: number, message: string) => {
		if (progressToken === undefined) return;
		// It must only ever grow.
		told = Math.max(told + 0.0001, progress);
		await sendNotification({ method: "notifications/progress", params: { progressToken, progress: told, total: 1, message } });
	};
	if (!hasEnded(job))
		for await (const { type, data } of watchJob(caller, job.id, until)) {
			if (type === "waiting") await tell(0, waitingText(data as unknown as NonNullable<JobBody["waiting"]>));
			if (type === "progress") await tell((await caller.job(job.id)).progress, String(data.step ?? "drawing"));
		}
	if (until.aborted) await caller.cancel(job.id).catch(() => {});
	return caller.job(job.id);
}
