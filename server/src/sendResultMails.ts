import { GlassworksError } from "./domain/errors.ts";
import { isListedRecipient } from "./domain/mail/isListedRecipient.ts";
import type { ResultMail, ResultMails } from "./domain/mail/resultMails.ts";
import type { Log, Mailer } from "./domain/ports.ts";
import { composeBatchMail } from "./http/batches/composeBatchMail.ts";
import { composeResultMail } from "./http/composeResultMail.ts";
import type { HttpPorts } from "./http/ports.ts";
import type { Stores } from "./store/openStores.ts";
import { startChore } from "./worker/chore.ts";

/** Longer than a mail server may take to answer. */
const leaseMs = 120_000;
/** Tried over about a day. */
const maxTries = 14;
/** Twice as long after each try, up to three hours; halved at random, so that not all that failed together try again together. */
const pauseMs = (tries: number) => Math.min(3 * 3_600_000, 30_000 * 2 ** (tries - 1)) * (0.5 + Math.random() / 2);

const everyMs = 2_000;

interface ResultMailParts {
	ports: HttpPorts;
	stores: Stores;
	mailer: Mailer;
	log: Log;
}

interface ResultMailPorts {
	mails: ResultMails;
	mailer: Mailer;
	http: Pick<HttpPorts, "config" | "signingKey" | "workflows" | "blobs" | "pictures" | "jobs" | "batches" | "operator">;
	log: Log;
}

/** Only a process with the API does it: mails hold links to it. Returns what ends it. */
export function startResultMails({ ports, stores, mailer, log }: ResultMailParts): () => Promise<void> {
	const run = () => sendResultMails({ mails: stores.resultMails, mailer, http: ports, log });
	return startChore({ name: "result mails", everyMs, run, log });
}

/** Sends what is due. Several processes may do so at once; a mail whose sender died is sent again with the same Message-ID. */
async function sendResultMails(ports: ResultMailPorts): Promise<void> {
	for (let mail = await ports.mails.claim(leaseMs); mail; mail = await ports.mails.claim(leaseMs)) await send(ports, mail);
}

async function send(ports: ResultMailPorts, mail: ResultMail): Promise<void> {
	const { mails, log } = ports;
	try {
		await mails.end(mail, await tryToSend(ports, mail));
	} catch (error) {
		// What a mail server says may name people: only its number is logged.
		const status = smtpStatus(error);
		const isFinal = (status !== null && status >= 500) || mail.claims >= maxTries;
		log.warn({ subjectId: mail.subjectId, status, tries: mail.claims, isFinal }, "results could not be mailed");
		if (isFinal) await mails.end(mail, "failed");
		else await mails.putOff(mail, pauseMs(mail.claims));
	}
}

async function tryToSend({ mails, mailer, http }: ResultMailPorts, mail: ResultMail): Promise<"sent" | "dropped"> {
	const { tenantId, subjectId, address } = mail;
	const isWelcome = isListedRecipient(address, http.operator.mail?.recipients ?? []) || (await mails.isOfMember(tenantId, address));
	if (!isWelcome) return "dropped";
	const composed = await compose(http, tenantId, subjectId).catch((error) => {
		if (error instanceof GlassworksError && error.code === "not_found") return null;
		throw error;
	});
	if (!composed) return "dropped";
	await mailer.send({ id: `results-${subjectId}`, to: address, ...composed });
	return "sent";
}

async function compose(http: ResultMailPorts["http"], tenantId: string, subjectId: string) {
	if (!subjectId.startsWith("batch_")) return composeResultMail(http, await http.jobs.get(tenantId, subjectId));
	const batch = await http.batches.get(tenantId, subjectId);
	const progress = (await http.batches.progress([batch.id])).get(batch.id);
	return progress ? composeBatchMail(http, batch, progress) : null;
}

function smtpStatus(error: unknown): number | null {
	const cause = error instanceof Error ? error.cause : null;
	return typeof cause === "object" && cause !== null && "responseCode" in cause ? Number(cause.responseCode) : null;
}
