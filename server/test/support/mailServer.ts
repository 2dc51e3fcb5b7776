import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

export interface ReceivedMail {
	to: string;
	/** As its reader sees it. */
	text: string;
}

export interface MailServer {
	/** For SMTP_URL. */
	url: string;
	mails: ReceivedMail[];
	/** The next mail to an address, once it has come; a link of it is what follows #. */
	next(to: string): Promise<ReceivedMail & { token: string }>;
	close(): Promise<void>;
}

/** A real mail server that keeps what it is sent. */
export async function startMailServer(): Promise<MailServer> {
	const mails: ReceivedMail[] = [];
	const seen = new Set<ReceivedMail>();
	const server = new SMTPServer({
		authOptional: true,
		disabledCommands: ["STARTTLS"],
		onData(stream, session, done) {
			const chunks: Buffer[] = [];
			stream.on("data", (chunk: Buffer) => chunks.push(chunk));
			stream.on("end", () => {
				const text = readable(Buffer.concat(chunks).toString("latin1"));
				for (const { address } of session.envelope.rcptTo) mails.push({ to: address, text });
				done();
			});
		},
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
		mails,
		async next(to) {
			for (;;) {
				const mail = mails.find((each) => each.to === to && !seen.has(each));
				if (mail) {
					seen.add(mail);
					return { ...mail, token: mail.text.match(/#(\S+)/)?.[1] ?? "" };
				}
				await new Promise((resolve) => setTimeout(resolve, 20));
			}
		},
		close: () => new Promise((resolve) => server.close(() => resolve())),
	};
}

/** Undoes quoted-printable. */
function readable(mail: string): string {
	if (!/^Content-Transfer-Encoding: quoted-printable/im.test(mail)) return mail;
	return Buffer.from(
		mail.replaceAll("=\r\n", "").replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
		"latin1",
	).toString("utf8");
}
