import { createHash } from "node:crypto";
import nodemailer, { type SendMailOptions } from "nodemailer";
import { GlassworksError, stepCancelled } from "../../domain/errors.ts";
import { isListedRecipient } from "../../domain/mail/isListedRecipient.ts";
import { type Engine, fileExtensions, type Picture, type StepOutput, type StepRequest } from "../../domain/ports.ts";
import { readStepParams } from "../../domain/workflows/readStepParams.ts";
import type { StepParams } from "../../domain/workflows/stepParams.ts";

export interface MailEngineOptions {
	smtpUrl: string;
	from: string;
	/** Whom mail may be sent to: addresses, or `@example.com` for everybody there. Others are refused: a tenant must not make this a spam gate. */
	recipients: readonly string[];
}

const timeoutMs = 20_000;

/** Sends a picture by mail. A step that ran twice sends the same Message-ID twice, by which mail programs show it once. */
export function createMailEngine({ smtpUrl, from, recipients }: MailEngineOptions): Engine {
	const transport = nodemailer.createTransport({
		url: smtpUrl,
		...{
			connectionTimeout: timeoutMs,
			greetingTimeout: timeoutMs,
			socketTimeout: timeoutMs,
			disableFileAccess: true,
			disableUrlAccess: true,
		},
	});

	async function send(request: StepRequest): Promise<StepOutput> {
		const params = readStepParams("send_email", request);
		if (!isListedRecipient(params.to, recipients))
			throw new GlassworksError("engine_invalid", "to: this server does not send mail to that address; its operator lists whom it may.");
		try {
			const { accepted } = await transport.sendMail(toMail(params, from, request.inputs.image));
			return { pictures: {}, data: { accepted: accepted.length } };
		} catch (error) {
			throw toFailure(error);
		}
	}

	return {
		name: "mail",
		slots: 4,
		capabilities: async () => [{ capability: "send_email:smtp", digest: null }],
		status: async () => {
			await transport.verify().catch((error) => {
				throw toFailure(error);
			});
			return { version: null, device: null, vramTotalBytes: null, vramFreeBytes: null, queued: null, loadedModel: null, missing: [] };
		},
		async run(request, { signal, onProgress }) {
			if (request.kind !== "send_email" || request.model !== "smtp")
				throw new GlassworksError("model_missing", `This engine has no model "${request.model}" for ${request.kind}.`);
			if (signal.aborted) throw stepCancelled();
			const sent = await send(request);
			onProgress({ fraction: 1 });
			return sent;
		},
		close: async () => transport.close(),
	};
}

function toMail({ to, subject, text }: StepParams<"send_email">, from: string, picture: Picture | undefined): SendMailOptions {
	const hash = createHash("sha256").update(JSON.stringify([to, subject, text]));
	if (picture) hash.update(picture.bytes);
	const domain = from.match(/@([^\s>]+)/)?.[1] ?? "glassworks.invalid";
	const attachments = picture
		? [{ filename: `picture.${fileExtensions[picture.mediaType]}`, content: Buffer.from(picture.bytes), contentType: picture.mediaType }]
		: [];
	return { from, to, subject, text, attachments, messageId: `<${hash.digest("hex").slice(0, 32)}@${domain}>` };
}

/** What a mail server says stays in the log: it may name addresses. Codes of 500 and above are for good. */
function toFailure(error: unknown): GlassworksError {
	const code = typeof error === "object" && error !== null && "responseCode" in error ? Number(error.responseCode) : 0;
	const failure =
		code >= 500
			? new GlassworksError("engine_invalid", `The mail server refused the mail (${code}).`)
			: new GlassworksError("engine_down", "The mail server could not be reached or asked to try later.");
	failure.cause = error;
	return failure;
}
