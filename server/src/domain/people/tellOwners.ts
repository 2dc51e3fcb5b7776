import type { Log, Mailer } from "../ports.ts";

/** A mail to somebody who owned an account that is deleted. */
export interface DeletionNotice {
	tenantId: string;
	address: string;
	/** The receipt. */
	deletionId: string;
	/** Null: it was just asked for. */
	completedAt: Date | null;
	/** How often it was tried, this time included. */
	claims: number;
}

/** Addresses of former owners, kept until they were told that nothing else is left. */
export interface DeletionNotices {
	/** One that is due, for so long; null: none is. */
	claim(leaseMs: number): Promise<DeletionNotice | null>;
	/** It was mailed, or cannot be: the address is forgotten after the last mail. */
	end(notice: DeletionNotice): Promise<void>;
	putOff(notice: DeletionNotice, pauseMs: number): Promise<void>;
}

export interface TellOwnersPorts {
	notices: DeletionNotices;
	mailer: Pick<Mailer, "send">;
	/** Where receipts are looked up. */
	publicUrl: string | null;
	log: Log;
}

/** Longer than a mail server may take to answer. */
const leaseMs = 120_000;
/** Over about a day. */
const maxTries = 10;
const pauseMs = (tries: number) => Math.min(4 * 3_600_000, 60_000 * 2 ** tries);

/** Mails what is due. Killed half-way it is done again, under the same Message-ID. */
export async function tellOwners({ notices, mailer, publicUrl, log }: TellOwnersPorts): Promise<void> {
	for (let notice = await notices.claim(leaseMs); notice; notice = await notices.claim(leaseMs)) {
		const { deletionId, address, completedAt, claims } = notice;
		try {
			await mailer.send({ id: `${deletionId}.${completedAt ? "done" : "asked"}`, to: address, ...mailAbout(notice, publicUrl) });
			await notices.end(notice);
		} catch {
			log.warn({ deletionId, tries: claims }, "an account's deletion could not be told by mail");
			if (claims >= maxTries) await notices.end(notice);
			else await notices.putOff(notice, pauseMs(claims));
		}
	}
}

function mailAbout({ tenantId, deletionId, completedAt }: DeletionNotice, publicUrl: string | null): { subject: string; text: string } {
	const receipt = `${publicUrl ?? ""}/api/v1/account-deletions/${deletionId}`;
	const said = completedAt
		? [`The account ${tenantId} was deleted: at ${completedAt.toISOString()} nothing of it was left but what the books need.`]
		: [
				`The account ${tenantId}, which you owned, is being deleted. Nobody can use it any more, and it cannot be undone.`,
				"You are told once more when it is done. If you know nothing of this, ask whoever runs the server.",
			];
	return {
		subject: completedAt ? "Your account was deleted" : "Your account is being deleted",
		text: [...said, "", receipt, ""].join("\n"),
	};
}
