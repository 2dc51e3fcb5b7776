import { z } from "zod";

const address = (what: string) =>
	z
		.email()
		.max(254)
		.optional()
		.describe(`${what} Your own confirmed address, that of somebody of your account, or one that the operator lists.`);

/** What a request may name to have its results mailed. */
export const resultMail = {
	email_results_to: address("Told by mail when the job has ended, with links and small copies of the pictures."),
};
export const batchMail = {
	email_results_to: address("Told by mail when every item has ended, once, with a link to the ZIP."),
};
