import { GlassworksError } from "../domain/errors.ts";
import type { SubmitPorts } from "../domain/jobs/submitJob.ts";
import { isListedRecipient } from "../domain/mail/isListedRecipient.ts";
import type { Principal } from "../domain/plans/operatorConfig.ts";
import type { HttpPorts } from "./ports.ts";

type MailPorts = Pick<HttpPorts, "resultMails" | "sendsMail" | "operator">;

/** The ports of a submit whose job's results are mailed where the body says. @throws {GlassworksError} invalid_request */
export async function mailingResults<T extends SubmitPorts>(
	submitPorts: T,
	ports: MailPorts,
	principal: Principal,
	{ email_results_to: address }: { email_results_to?: string | undefined },
): Promise<T> {
	if (address === undefined) return submitPorts;
	await requireRecipient(ports, principal, address);
	const { jobs } = submitPorts;
	return { ...submitPorts, jobs: { ...jobs, submit: (draft) => jobs.submit({ ...draft, mailTo: address }) } };
}

/** @throws {GlassworksError} invalid_request */
export async function requireRecipient(ports: MailPorts, principal: Principal, address: string): Promise<void> {
	if (!ports.sendsMail) throw refusal("this server has no mail server (SMTP_URL), so it mails no results");
	const isWelcome =
		isListedRecipient(address, ports.operator.mail?.recipients ?? []) || (await ports.resultMails.isOfMember(principal.tenantId, address));
	if (!isWelcome)
		throw refusal("must be the confirmed address of somebody of your account, or one that the operator lists (`mail.recipients`)");
}

/** Who has an account is nobody else's business: the answer is the same whether the address is unknown or another account's. */
function refusal(message: string): GlassworksError {
	return new GlassworksError("invalid_request", `email_results_to: ${message}.`, {}, [{ path: ["email_results_to"], message }]);
}
