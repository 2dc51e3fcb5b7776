/** Mail with the results of a job or a batch: the outbox. Written with it, due when it ends. */
export interface ResultMails {
	/** Takes one that is due, for `leaseMs`: until then nobody else gets it. Null: none is due. */
	claim(leaseMs: number): Promise<ResultMail | null>;
	/** It is over. A result of an earlier claim changes nothing. */
	end(mail: ResultMail, outcome: "sent" | "failed" | "dropped"): Promise<void>;
	/** Tries again later. */
	putOff(mail: ResultMail, delayMs: number): Promise<void>;
	/** Whether the address is the confirmed one of a person of this account. */
	isOfMember(tenantId: string, address: string): Promise<boolean>;
}

export interface ResultMail {
	/** A job or a batch. */
	subjectId: string;
	tenantId: string;
	address: string;
	/** 1 for the first try. */
	claims: number;
}
