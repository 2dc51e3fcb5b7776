import nodemailer from "nodemailer";
import { GlassworksError } from "../domain/errors.ts";
import type { Log, Mailer } from "../domain/ports.ts";

const timeoutMs = 20_000;

interface MailerOptions {
	smtpUrl: string | null;
	from: string;
	/** What the platform is called: subjects begin with it. */
	name: string;
	log: Log;
}

/**
 * Sends the platform's own mail over SMTP. Without a server (development) mail is shown in the log, whole: it is the only way to see the
 * link in it. Mail that several attempts may send carries its `id` as Message-ID, by which mail programs show it once.
 */
export function createMailer({ smtpUrl, from, name, log }: MailerOptions): Mailer {
	const named = (subject: string) => `${name}: ${subject}`;
	if (smtpUrl === null)
		return {
			async send({ to, subject, text }) {
				log.info({ to, subject: named(subject), text }, "mail that no SMTP_URL is there to send");
			},
			close: async () => {},
		};
	const limits = { connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs };
	const transport = nodemailer.createTransport({ url: smtpUrl, ...limits, disableFileAccess: true, disableUrlAccess: true });
	const domain = from.match(/@([^\s>]+)/)?.[1] ?? "glassworks.invalid";
	return {
		async send({ id, to, subject, text, attachments = [] }) {
			try {
				const files = attachments.map((file) => ({ ...file, content: Buffer.from(file.content) }));
				await transport.sendMail({ from, to, subject: named(subject), text, attachments: files, messageId: `<${id}@${domain}>` });
			} catch (cause) {
				// What a mail server says may name addresses: only the log of whoever caught this sees it.
				throw Object.assign(new GlassworksError("unavailable", "The mail server did not take the mail."), { cause });
			}
		},
		close: async () => transport.close(),
	};
}
