import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import { startWebServer } from "../fetching/webServer.ts";

export interface Message {
	id: string;
	/** As it was sent. */
	headers: Record<string, string>;
	body: string;
	type: string;
	timestamp: string;
	data: Record<string, unknown> & { id?: string; status?: string; images?: { url: string | null }[] };
	path: string;
}

export interface Receiver {
	url: string;
	messages: Message[];
}

interface Reply {
	status?: number;
	headers?: Record<string, string>;
	body?: string;
}

/** A receiver on this machine. `reply` may answer later, or never. */
export async function startReceiver(reply: (message: Message, nth: number) => Reply | Promise<Reply> = () => ({})): Promise<Receiver> {
	const messages: Message[] = [];
	const { url } = await startWebServer(async (request, response) => {
		const body = await text(request).catch(() => "");
		const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
		const message = { id: headers["webhook-id"] ?? "", headers, body, path: request.url ?? "", ...JSON.parse(body || "{}") } as Message;
		messages.push(message);
		const { status = 204, headers: answered = {}, body: said } = await reply(message, messages.length);
		response.writeHead(status, answered).end(said);
	});
	return { url, messages };
}

/** Throws unless the message is signed with the secret, by the specification's own library. */
export function verify({ body, headers }: Message, secret: string): unknown {
	return new Webhook(secret).verify(body, headers);
}
